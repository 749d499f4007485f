package io.gantry.spi.method;

import io.gantry.api.module.MethodRequest;
import io.gantry.spi.identity.Identity;
import java.time.Duration;

/**
 * A call of a direct method (IoT Hub, "Understand and invoke direct methods"). The limits are
 * checked where it is carried out.
 *
 * @param target whose method
 * @param request name and payload
 * @param responseTimeout how long to wait for the answer, 5 to 300 s
 * @param connectTimeout how long to wait for a target that is not connected, 0 to 300 s
 */
public record MethodCall(
    Identity target, MethodRequest request, Duration responseTimeout, Duration connectTimeout) {

  /** What counts where the caller does not say. */
  public static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(30);
}
