package io.gantry.api.module;

import static java.util.Objects.requireNonNull;

/**
 * A direct method that is called (IoT Hub, "Understand and invoke direct methods").
 *
 * @param name 1 to 100 characters
 * @param payload JSON text, at most 128 KiB; {@code null} as JSON where there is none
 */
public record MethodRequest(String name, String payload) {

  public MethodRequest {
    requireNonNull(name);
    requireNonNull(payload);
  }
}
