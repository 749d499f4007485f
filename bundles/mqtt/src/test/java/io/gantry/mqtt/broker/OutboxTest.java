package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.api.message.Payload;
import io.gantry.spi.store.MessageQueue;
import io.gantry.testkit.routing.FakeDrops;
import io.gantry.testkit.store.FakeStore;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What waits for a persistent session, with a reader whose turns the test takes. */
class OutboxTest {

  private static final int LIMIT = 200;

  private final FakeStore store = new FakeStore();
  private final MessageQueue queue = store.queue("sessions/reader");
  private final Deque<Runnable> reader = new ArrayDeque<>();
  private final Outbox outbox =
      new Outbox(
          "reader",
          queue,
          false,
          Runnable::run,
          reader::add,
          new Limits.Backlog(LIMIT, 1 << 20),
          (topic, published) -> published,
          new FakeDrops());
  private final Deque<Integer> unanswered = new ArrayDeque<>();
  private final List<String> publisher = new ArrayList<>();

  private final Outbox.Link link =
      new Outbox.Link() {
        @Override
        public boolean isUnwritable() {
          return false;
        }

        @Override
        public boolean isTaken(int packetId) {
          return false;
        }

        @Override
        public void send(MqttMessage packet) {
          MqttPublishMessage publish = (MqttPublishMessage) packet;
          unanswered.add(publish.variableHeader().packetId());
          publish.release();
        }

        @Override
        public void behind() {
          // The test answers when it wants to.
        }

        @Override
        public void close(String reason) {
          throw new AssertionError(reason);
        }
      };

  private final Holder.Publisher sender =
      new Holder.Publisher() {
        @Override
        public void held(Holder by) {
          publisher.add("held");
        }

        @Override
        public void released(Holder by) {
          publisher.add("released");
        }
      };

  private void publish() {
    StoredMessage message = new StoredMessage("t", 1, false, Payload.wrap("x".getBytes(UTF_8)));
    byte[] record = message.toBytes();
    outbox.announced(record.length, sender);
    store
        .append(record, List.of(queue.name()))
        .thenAccept(offset -> outbox.arrived(offset, record.length, message));
  }

  private void read() {
    for (Runnable task = reader.poll(); task != null; task = reader.poll()) {
      task.run();
    }
  }

  private void acknowledgeAll() {
    while (!unanswered.isEmpty()) {
      outbox.acknowledged(unanswered.remove());
    }
  }

  /** As a store does that is full and drops the oldest. */
  @Test
  void whoeverWaitsForASubscriberGoesOnWhenTheStoreHasDroppedWhatItHadNotTaken() {
    for (int i = 0; i < LIMIT / 2; i++) {
      publish();
    }
    outbox.online(link);
    for (int i = 0; i < LIMIT / 2; i++) {
      publish();
    }
    assertEquals(List.of("held"), publisher);
    read();
    outbox.acknowledged(unanswered.remove());
    queue.commit(Long.MAX_VALUE);
    acknowledgeAll();
    assertEquals(List.of("held"), publisher, "more than the half seems to wait");
    read();
    assertEquals(0, outbox.size());
    assertEquals(List.of("held", "released"), publisher);
  }
}
