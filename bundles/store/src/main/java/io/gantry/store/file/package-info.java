/** The disk as it is: plain files, nothing mapped. */
@NullMarked
package io.gantry.store.file;

import org.jspecify.annotations.NullMarked;
