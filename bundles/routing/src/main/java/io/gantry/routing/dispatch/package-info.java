/** From message to queues. */
@NullMarked
package io.gantry.routing.dispatch;

import org.jspecify.annotations.NullMarked;
