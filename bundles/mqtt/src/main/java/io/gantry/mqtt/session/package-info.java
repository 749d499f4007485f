/**
 * One client's side of the hub: telemetry waiting for the store, inputs waiting for the client; no
 * network.
 */
@NullMarked
package io.gantry.mqtt.session;

import org.jspecify.annotations.NullMarked;
