package io.gantry.module.client.connection;

import io.gantry.api.message.Message;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** One time that a module is connected; opened by one thread and awaited by the others. */
final class Link implements ClientSession {

  private final CompletableFuture<ClientConnection> connection = new CompletableFuture<>();
  private volatile boolean closed;

  void open(ClientGateway hub, Identity identity) {
    try {
      connection.complete(hub.connect(identity, this));
    } catch (ConnectionRefusedException | RuntimeException refused) {
      closed = true;
      connection.completeExceptionally(refused);
    }
  }

  boolean isOpen() {
    return !closed;
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

  void end() {
    closed = true;
    connection.thenAccept(ClientConnection::close);
  }

  /** Inputs of modules in this JVM are endpoints of their own; the hub has nothing to deliver. */
  @Override
  public CompletionStage<Delivery> deliver(String input, Message message) {
    return CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
  }

  @Override
  public void close(CloseReason reason) {
    closed = true;
  }
}
