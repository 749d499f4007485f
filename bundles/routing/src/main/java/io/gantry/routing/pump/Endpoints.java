package io.gantry.routing.pump;

import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The endpoints that are there now. Safe for use by any number of threads. */
public final class Endpoints {

  private final List<Endpoint> present = new CopyOnWriteArrayList<>();

  /** One came; coming twice is coming once. */
  public void add(Endpoint endpoint) {
    if (!present.contains(endpoint)) {
      present.add(endpoint);
    }
  }

  /** One went. */
  public void remove(Endpoint endpoint) {
    present.remove(endpoint);
  }

  /** Whether this one is there. */
  boolean contains(Endpoint endpoint) {
    return present.contains(endpoint);
  }

  /** The receiver that serves the address now: of the newest, if several do. */
  public Optional<Endpoint> serving(EndpointAddress address) {
    Endpoint found = null;
    for (Endpoint endpoint : List.copyOf(present)) {
      if (endpoint.serves(address)) {
        found = endpoint;
      }
    }
    return Optional.ofNullable(found).map(endpoint -> endpoint.receiver(address));
  }
}
