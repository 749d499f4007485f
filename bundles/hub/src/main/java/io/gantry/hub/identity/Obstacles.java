package io.gantry.hub.identity;

import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.identity.RegisteredIdentity;
import java.util.Optional;

/**
 * What keeps a registered identity out, whatever it shows: that it is disabled, or that its device
 * is (as with IoT Hub). The gateway's own device is one only for its modules, which do not depend
 * on whether somebody may log in as it.
 */
public final class Obstacles {

  private final String gateway;
  private final IdentityRegistry identities;

  /**
   * @param gateway the gateway's own device id
   */
  public Obstacles(String gateway, IdentityRegistry identities) {
    this.gateway = gateway;
    this.identities = identities;
  }

  /** Why it may not come in; empty when it may, or is not registered. */
  public Optional<String> obstacle(Identity identity) {
    return identities.find(identity).flatMap(this::obstacle);
  }

  private Optional<String> obstacle(RegisteredIdentity registered) {
    if (!registered.enabled()) {
      return Optional.of("it is disabled");
    }
    return registered.identity() instanceof ModuleIdentity module
            && !module.deviceId().equals(gateway)
        ? obstacle(module)
        : Optional.empty();
  }

  private Optional<String> obstacle(ModuleIdentity module) {
    Optional<RegisteredIdentity> device = identities.find(new DeviceIdentity(module.deviceId()));
    if (device.isEmpty()) {
      return Optional.of("its device is not registered");
    }
    return device.get().enabled() ? Optional.empty() : Optional.of("its device is disabled");
  }
}
