/** How a message lies in the store. */
@NullMarked
package io.gantry.routing.record;

import org.jspecify.annotations.NullMarked;
