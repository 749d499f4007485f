package io.gantry.spi.method;

import io.gantry.api.module.MethodResponse;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** Calls direct methods of connected devices and modules. Safe for use by any number of threads. */
@ProviderType
public interface Methods {

  /**
   * Calls a method.
   *
   * @return completes with the answer, on any thread; fails with {@code RequestException}: 400
   *     malformed or over a limit, 404 unknown or not connected (in the time that the call allows),
   *     504 no answer in time
   */
  CompletionStage<MethodResponse> invoke(MethodCall call);
}
