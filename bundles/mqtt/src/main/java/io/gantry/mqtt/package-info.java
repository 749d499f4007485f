/** The MQTT protocol head. */
@NullMarked
package io.gantry.mqtt;

import org.jspecify.annotations.NullMarked;
