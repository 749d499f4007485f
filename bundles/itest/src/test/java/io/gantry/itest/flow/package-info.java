/** Messages on their way through what ships: from a device, through a module, upstream. */
@NullMarked
package io.gantry.itest.flow;

import org.jspecify.annotations.NullMarked;
