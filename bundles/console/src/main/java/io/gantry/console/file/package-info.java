/** Small files that only the owner may read. */
@NullMarked
package io.gantry.console.file;

import org.jspecify.annotations.NullMarked;
