/** Figures of the machine and of this process, for monitoring. */
@NullMarked
package io.gantry.console.host;

import org.jspecify.annotations.NullMarked;
