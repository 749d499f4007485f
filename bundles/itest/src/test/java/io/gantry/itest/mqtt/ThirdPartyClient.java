package io.gantry.itest.mqtt;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What the tests need of an MQTT client, whoever wrote it. Every wait has a bound. */
abstract class ThirdPartyClient implements AutoCloseable {

  static final Duration LIMIT = Duration.ofSeconds(60);

  private final BlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>();

  /** What the broker publishes for a client whose connection ends without a word. */
  record Will(String topic, String body, int qos, boolean retained) {}

  /**
   * Connects.
   *
   * @param clean whether it forgets its session
   * @return whether the broker had a session
   */
  final boolean connect(boolean clean) throws Exception {
    return connect(clean, Optional.empty());
  }

  /** Connects with a clean session and a will. */
  final void connect(Will will) throws Exception {
    connect(true, Optional.of(will));
  }

  abstract boolean connect(boolean clean, Optional<Will> will) throws Exception;

  /** Subscribes; a refusal is an exception. */
  abstract void subscribe(String filter, int qos) throws Exception;

  abstract void unsubscribe(String filter) throws Exception;

  /** Returns when the broker has acknowledged. */
  abstract void publish(String topic, String body, int qos, boolean retained) throws Exception;

  /** Leaves with DISCONNECT; may connect again. */
  abstract void disconnect() throws Exception;

  abstract boolean isConnected();

  final void arrived(Arrived message) {
    arrived.add(message);
  }

  /** The next message. */
  final Arrived next() throws InterruptedException {
    Arrived next = arrived.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no message came within " + LIMIT.toSeconds() + " s");
    }
    return next;
  }

  /** How many came and were not looked at. */
  final int waiting() {
    return arrived.size();
  }

  /** Sends a message to itself: when it is back, all that was sent to it before has come. */
  final void roundTrip(String topic, String body) throws Exception {
    publish(topic, body, 1, false);
    while (!next().body().equals(body)) {
      continue;
    }
  }

  @Override
  public final void close() throws Exception {
    disconnect();
  }
}
