/** All that is in one folder, put together. */
@NullMarked
package io.gantry.store.folder;

import org.jspecify.annotations.NullMarked;
