package io.gantry.hub.session;

import io.gantry.api.message.Message;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.Twin;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.Subscription;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** One connected client. */
final class HubConnection implements ClientConnection {

  private final Sessions sessions;
  private final Identity identity;
  private final ClientSession session;
  private final AtomicBoolean open = new AtomicBoolean(true);
  private volatile boolean wantsInputs;

  HubConnection(Sessions sessions, Identity identity, ClientSession session) {
    this.sessions = sessions;
    this.identity = identity;
    this.session = session;
  }

  Identity identity() {
    return identity;
  }

  ClientSession session() {
    return session;
  }

  boolean wantsInputs() {
    return wantsInputs && open.get();
  }

  @Override
  public CompletionStage<SendResult> send(Optional<String> output, Message message) {
    if (!open.get()) {
      return CompletableFuture.completedFuture(
          new SendResult.Rejected(
              SendResult.Reason.CLOSED, "Message of " + identity + ": its connection is closed"));
    }
    return sessions.ingress().accept(identity, output, message);
  }

  @Override
  public void subscribe(Subscription subscription) {
    if (subscription != Subscription.INPUTS) {
      return;
    }
    if (!(identity instanceof ModuleIdentity)) {
      throw new IllegalStateException(
          "Subscribing inputs of " + identity + ": only modules have inputs");
    }
    wantsInputs = true;
    sessions.subscribed(this);
  }

  @Override
  public void unsubscribe(Subscription subscription) {
    if (subscription == Subscription.INPUTS) {
      wantsInputs = false;
    }
  }

  @Override
  public CompletionStage<Twin> twin() {
    return CompletableFuture.failedFuture(new RequestException(503, "there are no twins yet"));
  }

  @Override
  public CompletionStage<Long> report(String patch) {
    return CompletableFuture.failedFuture(new RequestException(503, "there are no twins yet"));
  }

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      sessions.closed(this);
    }
  }

  /** The hub ends it. */
  void end(CloseReason reason) {
    if (open.compareAndSet(true, false)) {
      session.close(reason);
    }
  }
}
