/** Messages that could not be delivered. */
@NullMarked
package io.gantry.routing.deadletter;

import org.jspecify.annotations.NullMarked;
