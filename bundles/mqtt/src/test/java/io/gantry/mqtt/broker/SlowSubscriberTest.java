package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.mqtt.broker.RawClient.Packet;
import io.gantry.spi.metrics.DropReason;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.Await;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SlowSubscriberTest {

  private static final int BOUND = 100;
  private static final int MESSAGES = 20_000;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private Site site;

  @BeforeEach
  void open() throws Exception {
    site = new Site(new FakeStore(), new Limits.Backlog(BOUND, 1 << 20));
  }

  @AfterEach
  void close() {
    site.close();
    threads.shutdownNow();
  }

  private RawClient client(String id) throws IOException {
    return new RawClient(site.port()).login(id, true);
  }

  private static byte[] body(int number) {
    byte[] body = new byte[64];
    byte[] text = Integer.toString(number).getBytes(UTF_8);
    System.arraycopy(text, 0, body, 0, text.length);
    return body;
  }

  private static int number(Packet packet) {
    byte[] rest = packet.rest();
    int start = 2 + packet.id(0) + 2;
    return Integer.parseInt(new String(Arrays.copyOfRange(rest, start, rest.length), UTF_8).trim());
  }

  /** Writes as fast as the server lets it, and never reads between. */
  private CompletableFuture<Void> flood(RawClient writer, String topic, AtomicInteger written) {
    return CompletableFuture.runAsync(
        () -> {
          for (int i = 0; i < MESSAGES; i++) {
            try {
              writer.send(RawClient.publish(topic, 1, 1 + i % 60_000, false, body(i)));
              written.incrementAndGet();
            } catch (IOException failed) {
              throw new IllegalStateException(failed);
            }
          }
        },
        threads);
  }

  private CompletableFuture<Integer> acknowledgements(RawClient writer) {
    return CompletableFuture.supplyAsync(
        () -> {
          for (int i = 0; i < MESSAGES; i++) {
            try {
              assertEquals(1 + i % 60_000, writer.expect(RawClient.PUBACK).id(0));
            } catch (IOException failed) {
              throw new IllegalStateException("after " + i, failed);
            }
          }
          return MESSAGES;
        },
        threads);
  }

  private long backlog(String clientId) {
    return site.server.inspect(broker -> (long) broker.sessions().state(clientId).backlog().size());
  }

  @Test
  void aFastPublisherWaitsForASlowSubscriberAndNothingIsLost() throws Exception {
    try (RawClient reader = client("reader");
        RawClient writer = client("writer");
        RawClient other = client("other")) {
      writer.socket.setSoTimeout(60_000);
      reader.send(RawClient.subscribe(1, "fast", 1));
      reader.expect(RawClient.SUBACK);
      AtomicInteger written = new AtomicInteger();
      CompletableFuture<Void> flood = flood(writer, "fast", written);
      CompletableFuture<Integer> acknowledged = acknowledgements(writer);
      // The subscriber acknowledges nothing: ten messages are on their way, the bound waits.
      Await.until("the backlog is full", () -> backlog("reader") >= BOUND);
      other.send(RawClient.publish("elsewhere", 1, 1, false, new byte[0]));
      other.expect(RawClient.PUBACK);
      long longest = 0;
      for (int i = 0; i < MESSAGES; i++) {
        Packet packet = reader.expect(RawClient.PUBLISH);
        assertEquals(i, number(packet));
        if (i % 50 == 0) {
          longest = Math.max(longest, backlog("reader"));
        }
        reader.send(RawClient.ack(0x40, packet.publishId()));
      }
      assertEquals(MESSAGES, acknowledged.get(60, TimeUnit.SECONDS));
      flood.get(60, TimeUnit.SECONDS);
      assertTrue(longest <= BOUND + 1, "backlog: " + longest);
      assertEquals(0, site.drops.counts().size());
    }
  }

  /** Each waits for the other's acknowledgements: whoever is not read cannot send them. */
  @Test
  void twoClientsThatFloodEachOtherDoNotWaitForEver() throws Exception {
    try (RawClient left = client("left");
        RawClient right = client("right")) {
      left.send(RawClient.subscribe(1, "to-left", 1));
      left.expect(RawClient.SUBACK);
      right.send(RawClient.subscribe(1, "to-right", 1));
      right.expect(RawClient.SUBACK);
      CompletableFuture<Void> one = threads(left, "to-right");
      CompletableFuture<Void> two = threads(right, "to-left");
      one.get(300, TimeUnit.SECONDS);
      two.get(300, TimeUnit.SECONDS);
    }
  }

  private CompletableFuture<Void> threads(RawClient client, String topic) {
    Semaphore room = new Semaphore(1000);
    CompletableFuture<Void> writing =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < MESSAGES; i++) {
                room.acquireUninterruptibly();
                send(client, RawClient.publish(topic, 1, 1 + i % 60_000, false, body(i)));
              }
            },
            threads);
    CompletableFuture<Void> reading =
        CompletableFuture.runAsync(() -> readAll(client, room), threads);
    return CompletableFuture.allOf(writing, reading);
  }

  private static void readAll(RawClient client, Semaphore room) {
    int acknowledged = 0;
    int received = 0;
    try {
      while (acknowledged < MESSAGES || received < MESSAGES) {
        Packet packet = client.read();
        if (packet.type() == RawClient.PUBACK) {
          acknowledged++;
          room.release();
        } else {
          assertEquals(received++, number(packet));
          send(client, RawClient.ack(0x40, packet.publishId()));
        }
      }
    } catch (IOException failed) {
      throw new IllegalStateException(
          "acknowledged " + acknowledged + ", received " + received, failed);
    }
  }

  private static void send(RawClient client, byte[] packet) {
    synchronized (client) {
      try {
        client.send(packet);
      } catch (IOException failed) {
        throw new IllegalStateException(failed);
      }
    }
  }

  @Test
  void ofWhatComesWhileASubscriberIsAwayTheNewestAreKept() throws Exception {
    try (RawClient reader = new RawClient(site.port()).login("stayer", false)) {
      reader.send(RawClient.subscribe(1, "news", 1));
      reader.expect(RawClient.SUBACK);
      reader.send(RawClient.bytes(0xE0, 0));
      reader.awaitClosed();
    }
    try (RawClient writer = client("writer")) {
      for (int i = 0; i < BOUND + 30; i++) {
        writer.send(RawClient.publish("news", 1, i + 1, false, body(i)));
        writer.expect(RawClient.PUBACK);
      }
    }
    assertEquals(30, site.drops.of(DropReason.QUEUE_FULL));
    try (RawClient reader = new RawClient(site.port()).login("stayer", false)) {
      for (int i = 30; i < BOUND + 30; i++) {
        Packet packet = reader.expect(RawClient.PUBLISH);
        assertEquals(i, number(packet));
        reader.send(RawClient.ack(0x40, packet.publishId()));
      }
    }
  }

  /**
   * A message that was on its way when the connection broke must not be overwritten by a new id.
   */
  @Test
  void whatWasNotAcknowledgedComesAgainOnTheNextConnectionUnderItsId() throws Exception {
    int first;
    try (RawClient reader = new RawClient(site.port()).login("stayer", false);
        RawClient writer = client("writer")) {
      reader.send(RawClient.subscribe(1, "news", 1));
      reader.expect(RawClient.SUBACK);
      writer.send(RawClient.publish("news", 1, 1, false, body(1)));
      first = reader.expect(RawClient.PUBLISH).publishId();
    }
    Await.until("both are gone", () -> site.connections() == 0);
    try (RawClient reader = new RawClient(site.port()).login("stayer", false);
        RawClient writer = client("writer")) {
      writer.send(RawClient.publish("news", 1, 1, false, body(2)));
      Packet again = reader.expect(RawClient.PUBLISH);
      assertEquals(1, number(again));
      assertTrue(again.isDup());
      assertEquals(first, again.publishId());
      Packet second = reader.expect(RawClient.PUBLISH);
      assertEquals(2, number(second));
      assertNotEquals(first, second.publishId());
    }
  }
}
