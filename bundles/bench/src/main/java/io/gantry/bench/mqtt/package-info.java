/** Load over MQTT: how fast QoS 1 messages are acknowledged, and what that costs. */
@NullMarked
package io.gantry.bench.mqtt;

import org.jspecify.annotations.NullMarked;
