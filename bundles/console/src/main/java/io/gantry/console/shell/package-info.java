/** The Gogo commands. */
@NullMarked
package io.gantry.console.shell;

import org.jspecify.annotations.NullMarked;
