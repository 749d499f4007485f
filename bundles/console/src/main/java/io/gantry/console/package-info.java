/** The components of the console: how an operator sees and moves the gateway. */
@NullMarked
package io.gantry.console;

import org.jspecify.annotations.NullMarked;
