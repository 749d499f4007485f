package io.gantry.itest.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Identities;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged on a free topic reaches a persistent session, however often we die. */
class SessionCrashIT {

  private static final int KILLS = Integer.getInteger("gantry.session.crash.rounds", 3);

  /** A start may be waited for, too. */
  private static final Duration LIMIT = Duration.ofSeconds(120);

  private static final String TOPIC = "plant/numbers";
  private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

  @TempDir private Path temp;
  private Distribution distribution;
  private Writer writer;
  private final Reader reader = new Reader();

  @BeforeEach
  void start() {
    distribution = Distribution.in(temp.resolve("gantry")).knowing("writer", "stayer");
    distribution
        .folder()
        .openTopics()
        .configure("io.gantry.mqtt", "backlogMessages", 1_000_000)
        .configure("io.gantry.mqtt", "backlogBytes", 1 << 30);
    distribution.start();
  }

  @AfterEach
  void end() {
    if (writer != null) {
      writer.close();
    }
    reader.disconnect();
    distribution.close();
  }

  private MqttClient client(String id) throws MqttException {
    String server = "tcp://127.0.0.1:" + distribution.folder().port("io.gantry.mqtt");
    MqttClient client = new MqttClient(server, id, new MemoryPersistence());
    client.setTimeToWait(LIMIT.toMillis());
    return client;
  }

  private static MqttConnectOptions options(boolean clean) {
    MqttConnectOptions options = new MqttConnectOptions();
    options.setCleanSession(clean);
    options.setConnectionTimeout(20);
    return options;
  }

  /** Publishes numbers, each again and again until it is acknowledged. */
  private final class Writer implements AutoCloseable {

    private final AtomicInteger acknowledged = new AtomicInteger();
    private final Thread thread = new Thread(this::run, "writer");
    private volatile boolean closed;

    private void run() {
      while (!closed) {
        try (MqttClient client = client("writer")) {
          client.connect(Identities.login(options(true), "writer"));
          while (!closed) {
            byte[] body = Integer.toString(acknowledged.get()).getBytes(UTF_8);
            client.publish(TOPIC, body, 1, false);
            acknowledged.incrementAndGet();
          }
          client.disconnectForcibly(0, 1_000);
        } catch (MqttException broken) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }

    void awaitMore(int count) {
      int wanted = acknowledged.get() + count;
      Await.until(
          "acknowledgements", LIMIT, () -> acknowledged.get() >= wanted, distribution::everything);
    }

    @Override
    public void close() {
      closed = true;
      try {
        thread.join(LIMIT.toMillis());
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** The persistent session, with or without a connection. */
  private final class Reader implements MqttCallback {

    private final ConcurrentLinkedQueue<Integer> numbers = new ConcurrentLinkedQueue<>();
    private MqttClient client;

    private boolean connect() {
      disconnect();
      try {
        client = client("stayer");
        client.setCallback(this);
        client.connect(Identities.login(options(false), "stayer"));
        return true;
      } catch (MqttException notYet) {
        return false;
      }
    }

    private void disconnect() {
      if (client != null) {
        try {
          if (client.isConnected()) {
            client.disconnectForcibly(0, 1_000);
          }
          client.close(true);
        } catch (MqttException gone) {
          // It was the server that went.
        }
      }
    }

    @Override
    public void connectionLost(Throwable cause) {}

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      numbers.add(Integer.parseInt(new String(message.getPayload(), UTF_8)));
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {}
  }

  @Test
  void whatWasAcknowledgedOnAFreeTopicSurvivesKills() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    assertTrue(reader.connect());
    reader.client.subscribe(TOPIC, 1);
    writer = new Writer();
    writer.thread.start();
    for (int kill = 0; kill < KILLS; kill++) {
      writer.awaitMore(1 + random.nextInt(300));
      if (random.nextBoolean()) {
        Await.until("the session is there", LIMIT, reader::connect);
        writer.awaitMore(1 + random.nextInt(100));
      } else {
        reader.disconnect();
      }
      distribution.kill();
      distribution.launch();
    }
    writer.awaitMore(10);
    writer.close();
    int sent = writer.acknowledged.get();
    Await.until("the session is there", LIMIT, reader::connect);
    Await.until(
        "the last number",
        LIMIT,
        () -> reader.numbers.contains(sent - 1),
        distribution::everything);
    Set<Integer> firsts = new LinkedHashSet<>(reader.numbers);
    List<Integer> expected = IntStream.range(0, sent).boxed().toList();
    assertEquals(expected, List.copyOf(firsts), KILLS + " kills, seed " + seed);
    System.out.printf(
        "%d kills, seed %d: %d messages, %d more than once%n",
        KILLS, seed, sent, reader.numbers.size() - sent);
  }
}
