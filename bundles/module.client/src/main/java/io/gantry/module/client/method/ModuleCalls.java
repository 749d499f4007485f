package io.gantry.module.client.method;

import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.module.client.connection.Requests;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.method.MethodCall;
import io.gantry.spi.method.Methods;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Calls direct methods of others. Any thread. */
public final class ModuleCalls {

  private final Supplier<@Nullable Methods> methods;

  /**
   * @param methods gives the hub's; null while they are not there
   */
  public ModuleCalls(Supplier<@Nullable Methods> methods) {
    this.methods = methods;
  }

  /** Calls a method; fails with {@code RequestException}. */
  public CompletionStage<MethodResponse> invoke(
      String target, MethodRequest request, Duration timeout) {
    return Requests.ask(
        "Calling " + request.name() + " of " + target,
        () -> {
          Methods present = methods.get();
          if (present == null) {
            throw new RequestException(
                503, "Calling " + request.name() + " of " + target + ": the hub is not there");
          }
          return present.invoke(new MethodCall(identity(target), request, timeout, Duration.ZERO));
        });
  }

  private static Identity identity(String target) throws RequestException {
    int slash = target.indexOf('/');
    try {
      return slash < 0
          ? new DeviceIdentity(target)
          : new ModuleIdentity(target.substring(0, slash), target.substring(slash + 1));
    } catch (IllegalArgumentException malformed) {
      throw new RequestException(
          400,
          "Calling a method of '"
              + target
              + "': expected device or device/module; "
              + malformed.getMessage());
    }
  }
}
