package io.gantry.itest.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.client.mqttv3.IMqttMessageListener;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A publisher that is faster than a subscriber is slowed down: nothing is lost, the memory of the
 * gateway stays bounded, and nobody else notices.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlowSubscriberIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int UNACKNOWLEDGED_BYTES = 8 << 20;
  private static final long MIB = 1 << 20;

  private Broker broker;

  @BeforeAll
  void start(@TempDir Path temp) {
    broker = Broker.start(Distribution.in(temp.resolve("gantry")).unhurried());
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  /** Publishes numbered messages as fast as the broker takes them. */
  private static final class Publisher {

    private final HiveThirdParty client;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final CompletableFuture<Void> done;

    Publisher(Broker broker, String topic, int messages, int size) throws Exception {
      String id = broker.known("publisher");
      client = new HiveThirdParty(broker.target(Door.PLAIN), id, id);
      client.connect(true);
      done = CompletableFuture.runAsync(() -> publish(topic, messages, size));
    }

    private void publish(String topic, int messages, int size) {
      int unacknowledged = UNACKNOWLEDGED_BYTES / size;
      Semaphore room = new Semaphore(unacknowledged);
      for (int i = 0; i < messages; i++) {
        byte[] body = Arrays.copyOf(Integer.toString(i).getBytes(UTF_8), size);
        room.acquireUninterruptibly();
        client
            .publishing(topic, body, 1, false)
            .whenComplete(
                (sent, failure) -> {
                  if (failure == null) {
                    acknowledged.incrementAndGet();
                  }
                  room.release();
                });
      }
      room.acquireUninterruptibly(unacknowledged);
    }

    int acknowledged() {
      return acknowledged.get();
    }

    void end() throws Exception {
      done.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      client.disconnect();
    }
  }

  private static int number(String body) {
    return Integer.parseInt(body.substring(0, body.indexOf('\0')));
  }

  /** Others are served, each time by a thread that would have to wait if it waited for anybody. */
  private static void assertServed(ThirdPartyClient bystander, String name) throws Exception {
    for (int i = 0; i < 100; i++) {
      bystander.roundTrip("plant/bystander", name + "-" + i);
    }
  }

  private ThirdPartyClient bystander() throws Exception {
    ThirdPartyClient bystander = broker.connect(Library.PAHO, "bystander");
    bystander.subscribe("plant/bystander", 1);
    return bystander;
  }

  /** A handler that takes its messages one by one, and at some of them waits until it is told. */
  private static final class SlowHandler implements IMqttMessageListener {

    private final BlockingQueue<Integer> stops = new LinkedBlockingQueue<>();
    private final Semaphore go = new Semaphore(0);
    private final AtomicInteger handled = new AtomicInteger();
    private final BlockingQueue<String> disorder = new LinkedBlockingQueue<>();

    @Override
    public void messageArrived(String topic, org.eclipse.paho.client.mqttv3.MqttMessage message)
        throws Exception {
      int expected = handled.get();
      int found = number(new String(message.getPayload(), UTF_8));
      if (found != expected) {
        disorder.add("expected " + expected + ", found " + found);
      }
      if (expected % 5000 == 2500) {
        stops.add(expected);
        go.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
      handled.incrementAndGet();
    }
  }

  @Test
  void aHandlerThatBlocksLosesNothingAndOnlyItsPublisherWaits() throws Exception {
    int messages = 20_000;
    SlowHandler handler = new SlowHandler();
    try (MqttClient slow = new MqttClient("tcp://127.0.0.1:" + broker.port(), "slow", null);
        ThirdPartyClient bystander = bystander()) {
      slow.setTimeToWait(LIMIT.toMillis());
      slow.connect(PahoThirdParty.options(broker.known("slow"), true));
      slow.subscribe("plant/fast", 1, handler);
      Publisher publisher = new Publisher(broker, "plant/fast", messages, 1024);
      try {
        for (int stop = 0; stop < 4; stop++) {
          Integer at = handler.stops.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
          assertNotNull(at, () -> "the handler is at " + handler.handled);
          // The publisher runs into the bound of 1000 messages, and once held goes on at half ...
          Await.until(
              "the backlog fills",
              LIMIT,
              () -> publisher.acknowledged() - at >= 500,
              () -> publisher.acknowledged() + " are acknowledged at " + at);
          assertServed(bystander, "blocked-" + at);
          // ... and is held there: besides, some are on their way to the subscriber, or in it.
          int waiting = publisher.acknowledged() - at;
          assertTrue(waiting <= 1100, waiting + " messages wait for one subscriber");
          handler.go.release();
        }
        publisher.end();
        Await.until("all are handled", LIMIT, () -> handler.handled.get() >= messages);
        assertEquals(messages, publisher.acknowledged());
        assertEquals(messages, handler.handled.get());
        assertEquals(0, handler.disorder.size(), handler.disorder::toString);
      } finally {
        handler.go.release(4);
        slow.disconnectForcibly();
      }
    }
  }

  /** Kept in memory, they would end the process: it has 128 MiB. */
  @Test
  void moreThanTheHeapHoldsWaitsForASocketThatIsNotRead() throws Exception {
    int messages = 4_000;
    int size = 64 * 1024;
    try (ThirdPartyClient bystander = bystander();
        RawClient slow = broker.raw("deaf")) {
      slow.subscribe("plant/large");
      Publisher publisher = new Publisher(broker, "plant/large", messages, size);
      // 4 MiB of them may wait.
      Await.until("the backlog fills", LIMIT, () -> publisher.acknowledged() >= 60);
      assertServed(bystander, "deaf");
      assertTrue(publisher.acknowledged() <= 100, publisher.acknowledged() + " are taken");
      for (int i = 0; i < messages; i++) {
        RawClient.Packet packet = slow.expect(3);
        assertEquals(i, number(packet.body()));
        slow.send(RawClient.acknowledgement(packet.publishId()));
      }
      publisher.end();
      assertEquals(messages, publisher.acknowledged());
      assertServed(bystander, "afterwards");
      assertTrue(broker.distribution().process().isAlive(), broker.distribution()::everything);
      assertBounded();
    }
  }

  private void assertBounded() {
    JsonObject status = broker.distribution().status();
    JsonObject memory = status.getAsJsonObject("memory");
    long heapMax = memory.get("heapMax").getAsLong();
    assertTrue(heapMax <= 128 * MIB, "the heap as shipped: " + heapMax / MIB + " MiB");
    if (!memory.get("rss").isJsonNull()) {
      long resident = memory.get("rss").getAsLong();
      assertTrue(
          resident <= heapMax + 160 * MIB,
          "resident beside a heap of at most " + heapMax / MIB + ": " + resident / MIB + " MiB");
    }
    assertEquals(new JsonObject(), status.getAsJsonObject("drops"));
  }
}
