package io.gantry.hub.egress;

import io.gantry.hub.session.Sessions;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.EndpointAddress.Upstream;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.session.ClientSession;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Serves {@code $upstream} and the inputs of modules that are connected over a protocol. */
public final class HubEndpoint implements Endpoint {

  private static final int UPSTREAM_WINDOW = 256;

  private final Sessions sessions;
  private final StoredEvents events;

  public HubEndpoint(Sessions sessions, StoredEvents events) {
    this.sessions = sessions;
    this.events = events;
  }

  @Override
  public boolean serves(EndpointAddress address) {
    return address instanceof Upstream
        || address instanceof ModuleInput input && sessions.receiver(input).isPresent();
  }

  /** What goes upstream shares a sync or a round trip; a module over a protocol is further away. */
  @Override
  public int window(EndpointAddress address) {
    return address instanceof Upstream ? UPSTREAM_WINDOW : Endpoint.super.window(address);
  }

  @Override
  public Endpoint receiver(EndpointAddress address) {
    return address instanceof ModuleInput input
        ? sessions.receiver(input).<Endpoint>map(Connected::new).orElse(this)
        : this;
  }

  /** An input belongs to a connection; without one there is nobody. */
  @Override
  public CompletionStage<Delivery> deliver(EndpointAddress address, RoutedMessage message) {
    if (address instanceof Upstream) {
      return events.add(message);
    }
    return CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
  }

  /** One connection of a module. When it has ended, it answers that by itself. */
  private record Connected(ClientSession session) implements Endpoint {

    @Override
    public boolean serves(EndpointAddress address) {
      return address instanceof ModuleInput;
    }

    @Override
    public CompletionStage<Delivery> deliver(EndpointAddress address, RoutedMessage message) {
      return session.deliver(((ModuleInput) address).input(), message.message());
    }
  }
}
