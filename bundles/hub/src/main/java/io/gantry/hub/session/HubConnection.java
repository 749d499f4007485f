package io.gantry.hub.session;

import io.gantry.api.message.Message;
import io.gantry.api.module.Twin;
import io.gantry.hub.subscriber.Subscriber;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.Subscription;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** One connected client. */
final class HubConnection implements ClientConnection, Subscriber {

  private final Sessions sessions;
  private final Identity identity;
  private final ClientSession session;
  private final AtomicBoolean open = new AtomicBoolean(true);
  private final Set<Subscription> wanted = ConcurrentHashMap.newKeySet();

  HubConnection(Sessions sessions, Identity identity, ClientSession session) {
    this.sessions = sessions;
    this.identity = identity;
    this.session = session;
  }

  @Override
  public Identity identity() {
    return identity;
  }

  @Override
  public ClientSession session() {
    return session;
  }

  @Override
  public boolean isOpen() {
    return open.get();
  }

  boolean wants(Subscription subscription) {
    return wanted.contains(subscription) && open.get();
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
    boolean isModule = identity instanceof ModuleIdentity;
    if (subscription == Subscription.INPUTS && !isModule) {
      throw new IllegalStateException(
          "Subscribing inputs of " + identity + ": only modules have inputs");
    }
    if (subscription == Subscription.CLOUD_MESSAGES && isModule) {
      throw new IllegalStateException(
          "Subscribing cloud-to-device messages of " + identity + ": only devices get them");
    }
    if (open.get() && wanted.add(subscription)) {
      sessions.subscribed(this, subscription);
    }
  }

  @Override
  public void unsubscribe(Subscription subscription) {
    if (wanted.remove(subscription)) {
      sessions.unsubscribed(this, subscription);
    }
  }

  @Override
  public CompletionStage<Twin> twin() {
    return sessions.twins().twin(this);
  }

  @Override
  public CompletionStage<Long> report(String patch) {
    return sessions.twins().report(this, patch);
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
      sessions.ended(this);
      session.close(reason);
    }
  }
}
