package io.gantry.itest.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import io.gantry.itest.Await;
import io.gantry.itest.distribution.Identities;
import java.time.Duration;
import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A device that sends numbered temperatures at QoS 1 with HiveMQ's client, as many at a time as its
 * window allows, and that loses nothing: what a broken connection leaves unacknowledged it sends
 * again over the next one, in the same order, before anything else. What was acknowledged it never
 * sends again, so whatever of that is missing at the end was lost by the gateway.
 */
final class Thermometer implements AutoCloseable {

  /** Its device id. */
  static final String ID = "thermo1";

  private static final String TOPIC =
      "devices/" + ID + "/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8";
  private static final long ANSWER_SECONDS = 20;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final int port;
  private final int window;
  private final NavigableSet<Integer> unacknowledged = new ConcurrentSkipListSet<>();
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
   */
  Thermometer(int port, int window) {
    this.port = port;
    this.window = window;
    thread = new Thread(this::run, ID);
    thread.setDaemon(true);
    thread.start();
  }

  /** The temperature of a message, from 15 to 34 degrees. */
  static int temperature(int number) {
    return 15 + number * 7 % 20;
  }

  private static byte[] body(int number) {
    return ("{\"number\":" + number + ",\"machine\":{\"temperature\":" + temperature(number) + "}}")
        .getBytes(UTF_8);
  }

  /** Sends so many more and waits until all is acknowledged that was sent. */
  void send(int more, Duration limit, Supplier<String> evidence) {
    want(more);
    awaitAcknowledgements(limit, evidence);
  }

  /** Sends without end, in the background. */
  void sendOn() {
    want(Integer.MAX_VALUE - sent);
  }

  /**
   * Sends nothing new any more and waits until all is acknowledged that was sent.
   *
   * @return how many messages that are; their numbers begin with 0
   */
  int finish(Duration limit, Supplier<String> evidence) {
    want(0);
    awaitAcknowledgements(limit, evidence);
    return sent;
  }

  private synchronized void want(int more) {
    wanted = sent + more;
  }

  private synchronized OptionalInt next() {
    if (sent == wanted) {
      return OptionalInt.empty();
    }
    unacknowledged.add(sent);
    return OptionalInt.of(sent++);
  }

  private void awaitAcknowledgements(Duration limit, Supplier<String> evidence) {
    Await.until(
        "acknowledgements",
        limit,
        () -> acknowledged.get() == wanted,
        () -> unacknowledged.size() + " are unacknowledged\n" + evidence.get());
  }

  /** How many messages were acknowledged so far. */
  int acknowledged() {
    return acknowledged.get();
  }

  /** How often it got a connection. */
  int connections() {
    return connections.get();
  }

  private void run() {
    while (!closed) {
      Mqtt3AsyncClient client =
          MqttClient.builder()
              .useMqttVersion3()
              .identifier(ID)
              .serverHost("127.0.0.1")
              .serverPort(port)
              .buildAsync();
      if (connect(client)) {
        connections.incrementAndGet();
        new Connection(client).run();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private static boolean connect(Mqtt3AsyncClient client) {
    try {
      client
          .connectWith()
          .cleanSession(true)
          .keepAlive(30)
          .simpleAuth()
          .username(ID)
          .password(Identities.token(ID).getBytes(UTF_8))
          .applySimpleAuth()
          .send()
          .get(ANSWER_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      // Nobody listens, or nobody may come in yet.
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One connection; a new one has a client of its own, so that nothing of the old is left. */
  private final class Connection {

    private final Mqtt3AsyncClient client;
    private final Semaphore room = new Semaphore(window);
    private volatile boolean broken;

    Connection(Mqtt3AsyncClient client) {
      this.client = client;
    }

    void run() {
      for (int number : List.copyOf(unacknowledged)) {
        publish(number);
      }
      while (!broken && !closed) {
        OptionalInt number = next();
        if (number.isPresent()) {
          publish(number.getAsInt());
        } else {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
      if (!broken) {
        client.disconnect();
      }
    }

    private void publish(int number) {
      room.acquireUninterruptibly();
      if (broken) {
        // It stays unacknowledged: the next connection sends it.
        room.release();
        return;
      }
      client
          .publishWith()
          .topic(TOPIC)
          .qos(MqttQos.AT_LEAST_ONCE)
          .payload(body(number))
          .send()
          .whenComplete((done, failure) -> answered(number, failure));
    }

    private void answered(int number, Throwable failure) {
      if (failure != null) {
        broken = true;
      } else if (unacknowledged.remove(number)) {
        acknowledged.incrementAndGet();
      }
      room.release();
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(ANSWER_SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
