package io.gantry.testkit.session;

import io.gantry.api.message.Message;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.Twin;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.Subscription;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A hub that keeps what it was sent until the test answers. Safe for use by any number of threads:
 * the protocol head comes on its own, the test waits on another.
 */
public final class FakeGateway implements ClientGateway {

  /** One message that a client sent, and the answer that it waits for. */
  public record Sent(
      Identity from,
      Optional<String> output,
      Message message,
      CompletableFuture<SendResult> answer) {

    /** Answers that the message is stored. */
    public void accept() {
      answer.complete(SendResult.Accepted.INSTANCE);
    }

    /** Answers that the message is refused. */
    public void reject(SendResult.Reason reason) {
      answer.complete(new SendResult.Rejected(reason, "refused by the test"));
    }
  }

  private final String deviceId;
  private final List<Sent> sent = new ArrayList<>();
  private final Map<Identity, Open> open = new HashMap<>();
  private final Set<String> wanted = new HashSet<>();
  private final Map<Identity, Twin> twins = new HashMap<>();
  private final List<String> reports = new ArrayList<>();
  private boolean holding;
  private long changes;
  private @Nullable ConnectionRefusedException refusal;

  /** A hub that accepts at once. */
  public FakeGateway(String deviceId) {
    this.deviceId = deviceId;
  }

  @Override
  public String deviceId() {
    return deviceId;
  }

  @Override
  public String hubName() {
    return "gantry.local";
  }

  /** From now on messages wait for the test to answer them, or are accepted at once. */
  public synchronized void hold(boolean hold) {
    holding = hold;
  }

  /** From now on nobody is let in; null lets everybody in again. */
  public synchronized void refuse(@Nullable ConnectionRefusedException why) {
    refusal = why;
  }

  /** All messages so far, in order. */
  public synchronized List<Sent> sent() {
    return List.copyOf(sent);
  }

  /** Waits, with the patience of a test, until this many messages have come. */
  public synchronized List<Sent> awaitSent(int count) throws InterruptedException {
    awaitThat(() -> sent.size() >= count, count + " messages");
    return List.copyOf(sent);
  }

  /** Waits until this identity has subscribed to its inputs, and gives the way to it. */
  public synchronized ClientSession awaitInputs(Identity identity) throws InterruptedException {
    return awaitSubscription(identity, Subscription.INPUTS);
  }

  /** Waits until this identity has subscribed to this, and gives the way to it. */
  public synchronized ClientSession awaitSubscription(Identity identity, Subscription subscription)
      throws InterruptedException {
    awaitThat(() -> has(identity, subscription), subscription + " of " + identity);
    return open.get(identity).session;
  }

  /** Waits until this identity is connected, and gives the way to it. */
  public synchronized ClientSession awaitConnected(Identity identity) throws InterruptedException {
    awaitThat(() -> open.containsKey(identity), identity + " to connect");
    return open.get(identity).session;
  }

  private boolean has(Identity identity, Subscription subscription) {
    return open.containsKey(identity) && open.get(identity).subscriptions.contains(subscription);
  }

  /** Sets what a client gets when it asks for its twin; before that it gets an error. */
  public synchronized void setTwin(Identity identity, Twin twin) {
    twins.put(identity, twin);
  }

  /** What clients have reported, in order. */
  public synchronized List<String> reports() {
    return List.copyOf(reports);
  }

  /** Waits until this identity has no connection. */
  public synchronized void awaitGone(Identity identity) throws InterruptedException {
    awaitThat(() -> !open.containsKey(identity), identity + " to leave");
  }

  /** Waits until this identity is connected and wants nothing of its inputs. */
  public synchronized void awaitNoInputs(Identity identity) throws InterruptedException {
    awaitThat(
        () -> open.containsKey(identity) && !has(identity, Subscription.INPUTS),
        identity + " to unsubscribe");
  }

  private interface Condition {
    boolean holds();
  }

  private void awaitThat(Condition condition, String what) throws InterruptedException {
    int idle = 600;
    long seen = changes;
    while (!condition.holds()) {
      if (changes == seen && idle-- == 0) {
        throw new AssertionError("waited for " + what + "; sent so far: " + sent.size());
      }
      seen = changes;
      wait(100);
    }
  }

  private void changed() {
    changes++;
    notifyAll();
  }

  /** From now on messages on this topic are wanted; they come from the gateway itself. */
  public synchronized void want(String topic) {
    wanted.add(topic);
  }

  @Override
  public synchronized boolean wantsTopic(String topic) {
    return wanted.contains(topic);
  }

  @Override
  public CompletionStage<SendResult> publish(String topic, Message message) {
    return take(
        new Sent(
            new DeviceIdentity(deviceId), Optional.of(topic), message, new CompletableFuture<>()));
  }

  @Override
  public ClientConnection connect(Identity identity, ClientSession session)
      throws ConnectionRefusedException {
    Open opened;
    Open former;
    synchronized (this) {
      if (refusal != null) {
        throw refusal;
      }
      opened = new Open(identity, session);
      former = open.put(identity, opened);
      changed();
    }
    if (former != null) {
      former.session.close(CloseReason.REPLACED);
    }
    return opened;
  }

  private synchronized CompletionStage<SendResult> take(Sent message) {
    sent.add(message);
    changed();
    if (!holding) {
      message.accept();
    }
    return message.answer();
  }

  private final class Open implements ClientConnection {

    private final Identity identity;
    private final ClientSession session;
    private final Set<Subscription> subscriptions = EnumSet.noneOf(Subscription.class);

    Open(Identity identity, ClientSession session) {
      this.identity = identity;
      this.session = session;
    }

    @Override
    public CompletionStage<SendResult> send(Optional<String> output, Message message) {
      return take(new Sent(identity, output, message, new CompletableFuture<>()));
    }

    @Override
    public void subscribe(Subscription subscription) {
      synchronized (FakeGateway.this) {
        subscriptions.add(subscription);
        changed();
      }
    }

    @Override
    public void unsubscribe(Subscription subscription) {
      synchronized (FakeGateway.this) {
        subscriptions.remove(subscription);
        changed();
      }
    }

    @Override
    public CompletionStage<Twin> twin() {
      synchronized (FakeGateway.this) {
        Twin twin = twins.get(identity);
        return twin == null
            ? CompletableFuture.failedFuture(new RequestException(404, "no twin in this test"))
            : CompletableFuture.completedFuture(twin);
      }
    }

    @Override
    public CompletionStage<Long> report(String patch) {
      synchronized (FakeGateway.this) {
        changed();
        if (!patch.startsWith("{")) {
          return CompletableFuture.failedFuture(new RequestException(400, "expected an object"));
        }
        reports.add(patch);
        return CompletableFuture.completedFuture(1L + reports.size());
      }
    }

    @Override
    public void close() {
      synchronized (FakeGateway.this) {
        open.remove(identity, this);
        changed();
      }
    }
  }
}
