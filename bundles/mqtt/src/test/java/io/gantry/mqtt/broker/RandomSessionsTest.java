package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.mqtt.broker.RawClient.Packet;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.Await;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Persistent sessions in random steps, against a model that is a list. */
class RandomSessionsTest {

  private static final int STEPS = 1_000;
  private static final int SESSIONS = 3;
  private static final int ROOM = Outbox.WINDOW - 4;
  private static final Limits.Backlog LIMITS = new Limits.Backlog(1_000, 1 << 20);
  private static final byte[] PING = RawClient.bytes(0xC0, 0);

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final List<Session> sessions = new ArrayList<>();
  private Site site;
  private RawClient writer;
  private int published;

  private static final class Sent {
    private final int number;
    private int packetId;
    private boolean acknowledged;

    private Sent(int number) {
      this.number = number;
    }
  }

  /** What one session is owed: from the first message that it has not acknowledged on. */
  private final class Session {

    private final String id;
    private final List<Sent> owed = new ArrayList<>();
    private final Deque<Packet> arrived = new ArrayDeque<>();
    private final Deque<Sent> expected = new ArrayDeque<>();
    private final List<Sent> open = new ArrayList<>();
    private @Nullable RawClient client;

    private Session(String id) {
      this.id = id;
    }

    private void connect() throws IOException {
      client = new RawClient(site.port()).login(id, false);
      owed.stream().filter(sent -> !sent.acknowledged).forEach(expected::add);
    }

    private void leave(boolean orderly) throws IOException {
      if (client != null) {
        sync();
        if (orderly) {
          client.send(RawClient.bytes(0xE0, 0));
          client.awaitClosed();
        }
        client.close();
        client = null;
        arrived.clear();
        expected.clear();
        open.clear();
      }
    }

    private void published(Sent sent) {
      owed.add(sent);
      if (client != null) {
        expected.add(sent);
      }
    }

    /** Everything sent before is handled by the server, and what it answered is here. */
    private void sync() throws IOException {
      client.send(PING);
      for (Packet packet = client.read();
          packet.type() != RawClient.PINGRESP;
          packet = client.read()) {
        arrived.add(packet);
      }
    }

    private void receive() throws IOException {
      if (client == null || expected.isEmpty()) {
        return;
      }
      Packet packet = arrived.isEmpty() ? client.read() : arrived.remove();
      assertEquals(RawClient.PUBLISH, packet.type());
      Sent sent = expected.remove();
      byte[] rest = packet.rest();
      String body = new String(Arrays.copyOfRange(rest, 4 + packet.id(0), rest.length), UTF_8);
      assertEquals(Integer.toString(sent.number), body);
      if (sent.packetId != 0) {
        assertEquals(sent.packetId, packet.publishId(), "it keeps its id");
      }
      sent.packetId = packet.publishId();
      open.add(sent);
    }

    private void acknowledge() throws IOException {
      if (client == null || open.isEmpty()) {
        return;
      }
      Sent sent = open.remove(random.nextInt(3) == 0 ? random.nextInt(open.size()) : 0);
      client.send(RawClient.ack(0x40, sent.packetId));
      sent.acknowledged = true;
      while (!owed.isEmpty() && owed.get(0).acknowledged) {
        owed.remove(0);
      }
    }

    private void restarted() {
      Await.until(
          "the position of " + id + " is written",
          () -> site.store.queue(SessionQueues.name(id)).pending() == owed.size());
      // What was acknowledged behind one that was not is forgotten.
      owed.forEach(sent -> sent.acknowledged = false);
    }
  }

  private void step() throws Exception {
    Session session = sessions.get(random.nextInt(SESSIONS));
    int choice = random.nextInt(100);
    if (choice < 30) {
      publish();
    } else if (choice < 60) {
      session.receive();
    } else if (choice < 85) {
      session.acknowledge();
    } else if (choice < 98) {
      if (session.client == null) {
        session.connect();
      } else {
        session.leave(random.nextBoolean());
        int rest = 1 + (int) sessions.stream().filter(other -> other.client != null).count();
        Await.until("it has left", () -> site.connections() == rest);
      }
    } else {
      restart();
    }
  }

  private void publish() throws IOException {
    if (sessions.stream().anyMatch(session -> session.owed.size() >= ROOM)) {
      return;
    }
    byte[] body = Integer.toString(++published).getBytes(UTF_8);
    int packetId = 1 + published % 60_000;
    writer.send(RawClient.publish("news", 1, packetId, false, body));
    assertEquals(packetId, writer.expect(RawClient.PUBACK).id(0));
    sessions.forEach(session -> session.published(new Sent(published)));
  }

  private void restart() throws Exception {
    for (Session session : sessions) {
      session.leave(random.nextBoolean());
      session.restarted();
    }
    FakeStore left = random.nextBoolean() ? site.store.afterCrash() : site.store;
    writer.close();
    site.close();
    site = new Site(left, LIMITS);
    writer = new RawClient(site.port()).login("writer", true);
  }

  @Test
  void sessionsGetWhatTheyAreOwedInOrderWhateverHappens() throws Exception {
    System.out.println("RandomSessionsTest: seed " + seed);
    site = new Site(new FakeStore(), LIMITS);
    try {
      writer = new RawClient(site.port()).login("writer", true);
      for (int i = 0; i < SESSIONS; i++) {
        Session session = new Session("s" + i);
        session.connect();
        session.client.send(RawClient.subscribe(1, "news", 1));
        session.client.expect(RawClient.SUBACK);
        sessions.add(session);
      }
      for (int i = 0; i < STEPS; i++) {
        step();
      }
      for (Session session : sessions) {
        session.leave(true);
        session.connect();
        while (!session.expected.isEmpty()) {
          session.receive();
        }
        while (!session.open.isEmpty()) {
          session.acknowledge();
        }
        session.restarted();
        session.leave(true);
      }
    } catch (AssertionError | Exception failure) {
      throw new AssertionError("seed " + seed, failure);
    } finally {
      site.close();
    }
  }
}
