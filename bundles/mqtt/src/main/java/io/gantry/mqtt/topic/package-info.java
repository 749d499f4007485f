/**
 * IoT Hub's topic forms and property bags, and what the MQTT standard allows in a topic; no
 * network.
 */
@NullMarked
package io.gantry.mqtt.topic;

import org.jspecify.annotations.NullMarked;
