package io.gantry.hub.egress;

import io.gantry.hub.session.Sessions;
import io.gantry.hub.subscriber.Subscriber;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointAddress.Device;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.EndpointAddress.Upstream;
import io.gantry.spi.routing.RoutedMessage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Serves {@code $upstream}, the inputs of modules that are connected over a protocol, and devices
 * that take messages of the back end.
 */
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
    return address instanceof Upstream || sessions.receiver(address).isPresent();
  }

  /** What goes upstream shares a sync or a round trip; a module over a protocol is further away. */
  @Override
  public int window(EndpointAddress address) {
    return address instanceof Upstream ? UPSTREAM_WINDOW : Endpoint.super.window(address);
  }

  @Override
  public Endpoint receiver(EndpointAddress address) {
    return sessions.receiver(address).<Endpoint>map(Connected::new).orElse(this);
  }

  /** An input, or a device, belongs to a connection; without one there is nobody. */
  @Override
  public CompletionStage<Delivery> deliver(EndpointAddress address, RoutedMessage message) {
    if (address instanceof Upstream) {
      return events.add(message);
    }
    return CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
  }

  /** One connection. When it has ended, it answers that by itself. */
  private record Connected(Subscriber client) implements Endpoint {

    private static final Delivery LEFT =
        new Delivery.Retry("the connection ended before the device had acknowledged it");

    @Override
    public boolean serves(EndpointAddress address) {
      return address instanceof ModuleInput || address instanceof Device;
    }

    /** A device gets one after another, so that only what it has in hand counts as delivered. */
    @Override
    public int window(EndpointAddress address) {
      return address instanceof Device ? 1 : Endpoint.super.window(address);
    }

    @Override
    public CompletionStage<Delivery> deliver(EndpointAddress address, RoutedMessage message) {
      if (address instanceof ModuleInput input) {
        return client.session().deliver(input.input(), message.message());
      }
      return client.isOpen()
          ? client.session().deliverFromCloud(message.message()).thenApply(Connected::counted)
          : CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
    }

    /** As with IoT Hub: what was handed over and not acknowledged was delivered in vain. */
    private static Delivery counted(Delivery delivery) {
      return delivery instanceof Delivery.Absent ? LEFT : delivery;
    }
  }
}
