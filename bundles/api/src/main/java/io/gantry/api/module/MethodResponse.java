package io.gantry.api.module;

import static java.util.Objects.requireNonNull;

/**
 * The answer to a direct method.
 *
 * @param status by agreement between caller and called; 200 for done
 * @param payload JSON text, at most 128 KiB; {@code null} as JSON where there is none
 */
public record MethodResponse(int status, String payload) {

  public MethodResponse {
    requireNonNull(payload);
  }
}
