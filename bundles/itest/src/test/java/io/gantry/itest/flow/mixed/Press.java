package io.gantry.itest.flow.mixed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.itest.Await;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttToken;

/**
 * A device that sends items with Eclipse Paho, at QoS 1 and at a steady pace, and that loses
 * nothing: what a broken connection leaves unacknowledged it sends again over the next one, in the
 * same order, before anything else. What was acknowledged it never sends again.
 */
public final class Press implements AutoCloseable {

  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String id;
  private final int port;
  private final int window;
  private final long paceNanos;
  private final NavigableSet<Integer> unacknowledged = new ConcurrentSkipListSet<>();
  private final Map<Integer, Long> sentAt = new ConcurrentHashMap<>();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final Thread thread;
  // Written under the lock of this object.
  private volatile int wanted;
  private volatile int sent;
  private volatile boolean closed;

  /**
   * Begins to connect.
   *
   * @param window how many messages it has unacknowledged at most
   * @param pace the pause after each message
   */
  public Press(String id, int port, int window, Duration pace) {
    this.id = id;
    this.port = port;
    this.window = window;
    this.paceNanos = pace.toNanos();
    thread = new Thread(this::run, id);
    thread.setDaemon(true);
    thread.start();
  }

  /** Its device id, and its name as a sender. */
  public String id() {
    return id;
  }

  /** Sends without end, in the background. */
  public synchronized void sendOn() {
    wanted = Integer.MAX_VALUE;
  }

  /** Sends so many more in the background, and then no more. */
  public synchronized void send(int more) {
    wanted = sent + more;
  }

  /** Waits until all is acknowledged that was sent, and was to be sent. */
  public void awaitAcknowledged(Duration limit, Supplier<String> evidence) {
    Await.until(
        "acknowledgements of " + id,
        limit,
        () -> acknowledged.get() == wanted,
        () -> unacknowledged.size() + " are unacknowledged\n" + evidence.get());
  }

  /** How many messages were sent so far, each counted once. */
  public int sent() {
    return sent;
  }

  /** How many were acknowledged so far. */
  public int acknowledged() {
    return acknowledged.get();
  }

  /** How often it got a connection. */
  public int connections() {
    return connections.get();
  }

  /** When a message that can expire was sent first (nanoTime). */
  public long sentAt(int number) {
    return sentAt.get(number);
  }

  private synchronized OptionalInt next() {
    if (sent >= wanted) {
      return OptionalInt.empty();
    }
    if (Kind.of(sent) == Kind.SHORT) {
      sentAt.put(sent, System.nanoTime());
    }
    unacknowledged.add(sent);
    return OptionalInt.of(sent++);
  }

  private void run() {
    while (!closed) {
      try (Connection connection = new Connection()) {
        if (connection.connect()) {
          connections.incrementAndGet();
          connection.run();
        }
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
  }

  private String topic(Item item) {
    StringBuilder topic = new StringBuilder("devices/" + id + "/messages/events/");
    topic.append("%24.ct=application%2Fjson&%24.ce=utf-8");
    item.properties()
        .forEach(
            (name, value) ->
                topic.append('&').append(name).append('=').append(URLEncoder.encode(value, UTF_8)));
    return topic.toString();
  }

  /** A new one for each connection, so that nothing of the old one is left. */
  private final class Connection extends Paho implements IMqttActionListener {

    private final Semaphore room = new Semaphore(window);

    Connection() {
      super(port, id);
    }

    void run() {
      for (int number : List.copyOf(unacknowledged)) {
        publish(number);
      }
      while (!isBroken() && !closed) {
        OptionalInt number = next();
        if (number.isPresent()) {
          publish(number.getAsInt());
        }
        LockSupport.parkNanos(paceNanos);
      }
    }

    /** What finds no room before the connection breaks stays unacknowledged. */
    private void publish(int number) {
      try {
        while (!isBroken() && !closed) {
          if (room.tryAcquire(10, TimeUnit.MILLISECONDS)) {
            Item item = new Item(id, number);
            byte[] body = item.body().getBytes(UTF_8);
            attempt(() -> client().publish(topic(item), body, 1, false, number, this));
            return;
          }
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void onSuccess(IMqttToken token) {
      if (unacknowledged.remove((Integer) token.getUserContext())) {
        acknowledged.incrementAndGet();
      }
      room.release();
    }

    @Override
    public void onFailure(IMqttToken token, Throwable failure) {
      broke();
      room.release();
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(Paho.answerMillis());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
