package io.gantry.routing;

import io.gantry.spi.routing.Endpoint;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Wires outputs to inputs: endpoints come and go as services. A component of its own, because the
 * hub is an endpoint that needs the router: if the router waited for endpoints itself, each could
 * find the other one half made, and the framework would leave the endpoint out.
 */
@Component(
    service = {},
    immediate = true)
public final class EndpointsComponent {

  private final RoutingComponent routing;

  @Activate
  public EndpointsComponent(@Reference RoutingComponent routing) {
    this.routing = routing;
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindEndpoint(Endpoint endpoint) {
    routing.pumps().add(endpoint);
  }

  void unbindEndpoint(Endpoint endpoint) {
    routing.pumps().remove(endpoint);
  }
}
