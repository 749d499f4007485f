/** Files that hold secrets. */
@NullMarked
package io.gantry.security.file;

import org.jspecify.annotations.NullMarked;
