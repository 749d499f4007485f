package io.gantry.module.client.output;

import io.gantry.api.message.Message;
import io.gantry.api.module.SendException;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.SendResult.Reason;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one module to the hub, shared by all its bundles. Opened by the first message,
 * and again by the next one when the hub has closed it. Any thread.
 */
final class ModuleOutput {

  private static final int MAX_OUTPUT_NAME = 128;

  private final String module;
  private final Supplier<@Nullable ClientGateway> gateway;
  private final AtomicReference<@Nullable Link> link = new AtomicReference<>();

  ModuleOutput(String module, Supplier<@Nullable ClientGateway> gateway) {
    this.module = module;
    this.gateway = gateway;
  }

  CompletionStage<Void> send(String output, Message message) {
    if (output.isEmpty() || output.length() > MAX_OUTPUT_NAME || output.contains("/")) {
      return failed(
          "expected an output name of 1 to 128 characters without slash, found '" + output + "'",
          false);
    }
    ClientConnection connection;
    try {
      connection = connection();
    } catch (ConnectionRefusedException refused) {
      return failed(String.valueOf(refused.getMessage()), refused.temporary());
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    connection
        .send(Optional.of(output), message)
        .whenComplete((result, failure) -> answer(done, result, failure));
    return done;
  }

  private void answer(
      CompletableFuture<Void> done, @Nullable SendResult result, @Nullable Throwable failure) {
    if (failure != null) {
      done.completeExceptionally(exception("the hub failed: " + failure, true));
    } else if (result instanceof SendResult.Rejected rejected) {
      boolean retryable =
          rejected.reason() != Reason.TOO_LARGE && rejected.reason() != Reason.INVALID;
      done.completeExceptionally(exception(rejected.text(), retryable));
    } else {
      done.complete(null);
    }
  }

  private CompletionStage<Void> failed(String text, boolean retryable) {
    return CompletableFuture.failedFuture(exception(text, retryable));
  }

  private SendException exception(String text, boolean retryable) {
    return new SendException("Sending a message of module " + module + ": " + text, retryable);
  }

  /**
   * The open connection, or a new one. Of two threads that open at once the hub keeps the second
   * and closes the first; whoever got the first has its message refused as retryable, so both use
   * the one that won.
   */
  private ClientConnection connection() throws ConnectionRefusedException {
    Link open = link.get();
    if (open != null && open.isOpen()) {
      return open.connection();
    }
    ClientGateway hub = gateway.get();
    if (hub == null) {
      throw new ConnectionRefusedException("the hub is not there", true);
    }
    Link fresh = new Link();
    if (!link.compareAndSet(open, fresh)) {
      Link winner = link.get();
      return winner == null ? connection() : winner.connection();
    }
    fresh.open(hub, new ModuleIdentity(hub.deviceId(), module));
    return fresh.connection();
  }

  void close() {
    Link open = link.getAndSet(null);
    if (open != null) {
      open.end();
    }
  }

  /** One connection, being opened by one thread and awaited by the others. */
  private static final class Link implements ClientSession {

    private final CompletableFuture<ClientConnection> connection = new CompletableFuture<>();
    private volatile boolean closed;

    void open(ClientGateway hub, ModuleIdentity identity) {
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
      } catch (java.util.concurrent.CompletionException failure) {
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
}
