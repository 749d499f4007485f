package io.gantry.module.client.connection;

import io.gantry.api.message.Message;
import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.Subscription;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One time that a module is connected; opened by one thread and awaited by the others. */
final class Link implements ClientSession {

  private final ClientGateway hub;
  private final ModuleConnection owner;
  private final CompletableFuture<ClientConnection> connection = new CompletableFuture<>();
  private volatile boolean closed;

  // Owned by the executor of the connections.
  private final Map<Subscription, Long> subscribed = new EnumMap<>(Subscription.class);

  Link(ClientGateway hub, ModuleConnection owner) {
    this.hub = hub;
    this.owner = owner;
  }

  void open() {
    try {
      connection.complete(hub.connect(new ModuleIdentity(hub.deviceId(), owner.module()), this));
    } catch (ConnectionRefusedException | RuntimeException refused) {
      closed = true;
      connection.completeExceptionally(refused);
    }
  }

  /** Whether it can be used while this hub is there; null when none is known. */
  boolean isOpen(@Nullable ClientGateway present) {
    return !closed && (present == null || present == hub);
  }

  ClientConnection connection() throws ConnectionRefusedException {
    try {
      return connection.join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof ConnectionRefusedException refused) {
        throw refused;
      }
      throw new ConnectionRefusedException("the hub failed: " + failure.getCause(), true);
    }
  }

  /** Subscribes what is wanted, anew where the number is another one, and nothing else. */
  void subscribe(Map<Subscription, Long> wanted) throws ConnectionRefusedException {
    ClientConnection open = connection();
    for (Subscription present : List.copyOf(subscribed.keySet())) {
      if (!subscribed.get(present).equals(wanted.get(present))) {
        subscribed.remove(present);
        open.unsubscribe(present);
      }
    }
    wanted.forEach(
        (missing, number) -> {
          if (subscribed.put(missing, number) == null) {
            open.subscribe(missing);
          }
        });
  }

  void end() {
    if (!closed) {
      closed = true;
      connection.thenAccept(ClientConnection::close);
    }
  }

  /** Inputs of modules in this JVM are endpoints of their own; the hub has nothing to deliver. */
  @Override
  public CompletionStage<Delivery> deliver(String input, Message message) {
    return CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
  }

  @Override
  public CompletionStage<Delivery> desiredChanged(DesiredChange change) {
    return closed
        ? CompletableFuture.completedFuture(Delivery.Absent.INSTANCE)
        : owner.desiredChanged(change);
  }

  @Override
  public CompletionStage<MethodResponse> invoke(MethodRequest request) {
    return owner.invoke(request);
  }

  @Override
  public void close(CloseReason reason) {
    closed = true;
    owner.ended(reason);
  }
}
