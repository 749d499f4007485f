package io.gantry.hub;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Tells the hub what becomes of identities. A component of its own: the hub needs the registry, so
 * the registry cannot need the hub.
 */
@Component(
    service = {},
    immediate = true)
public final class RegistryEvents {

  private final Runnable end;

  @Activate
  public RegistryEvents(@Reference IdentityComponent identities, @Reference HubComponent hub) {
    end = identities.registry().listen(hub.hub()::revoke, hub.hub()::forget);
  }

  @Deactivate
  void deactivate() {
    end.run();
  }
}
