/** The HTTP API behind the {@code gantry} command. */
@NullMarked
package io.gantry.console.management;

import org.jspecify.annotations.NullMarked;
