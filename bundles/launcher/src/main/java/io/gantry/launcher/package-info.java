/** Entry of the {@code gantry} command line. */
@NullMarked
package io.gantry.launcher;

import org.jspecify.annotations.NullMarked;
