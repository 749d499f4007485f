/** Connected clients as those see them who tell them something. */
@NullMarked
package io.gantry.hub.subscriber;

import org.jspecify.annotations.NullMarked;
