/** The server: Netty, the gate, and the free topics behind it. */
@NullMarked
package io.gantry.mqtt.broker;

import org.jspecify.annotations.NullMarked;
