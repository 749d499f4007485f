package io.gantry.mqtt.broker;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.TopicFilter;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.store.Table;
import io.moquette.broker.IRetainedRepository;
import io.moquette.broker.RetainedMessage;
import io.moquette.broker.subscriptions.Topic;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The last message of each topic that was published with RETAIN, whatever its QoS; survives a
 * restart. Bounded: what would exceed the bound is delivered and not retained. Used on the event
 * loop only, except for the constructor.
 */
final class Retained implements IRetainedRepository {

  private static final int MAX_TOPICS = 20_000;
  private static final long MAX_BYTES = 16L << 20;

  private final Map<String, RetainedMessage> messages = new TreeMap<>();
  private final WriteBehind rows;
  private final Drops drops;
  private long bytes;
  private boolean quiet;

  Retained(Table table, Executor loop, Drops drops) {
    this.drops = drops;
    rows = new WriteBehind("mqtt-retained", table, loop);
    for (String topic : table.keys()) {
      table.get(topic).filter(row -> row.length > 0).ifPresent(row -> read(topic, row));
    }
  }

  private void read(String topic, byte[] row) {
    put(topic, MqttQoS.valueOf(row[0]), Arrays.copyOfRange(row, 1, row.length));
  }

  private void put(String topic, MqttQoS qos, byte[] payload) {
    forget(topic);
    messages.put(topic, new RetainedMessage(new Topic(topic), qos, payload));
    bytes += topic.length() + payload.length;
  }

  private void forget(String topic) {
    RetainedMessage former = messages.remove(topic);
    if (former != null) {
      bytes -= topic.length() + former.getPayload().length;
    }
  }

  /**
   * Retains a message, or forgets the topic when its payload is empty (MQTT 3.1.1, 3.3.1.3).
   *
   * @param written is told on the event loop when that is durable, or why it is not
   */
  void retain(String topic, MqttQoS qos, ByteBuf payload, Consumer<SendResult> written) {
    retain(topic, qos, payload);
    rows.whenWritten(topic, written);
  }

  /** As above, without waiting. */
  void retain(String topic, MqttQoS qos, ByteBuf payload) {
    byte[] content = ByteBufUtil.getBytes(payload);
    if (content.length == 0) {
      forget(topic);
      rows.set(topic, Optional.empty());
      return;
    }
    boolean room = messages.containsKey(topic) || messages.size() < MAX_TOPICS;
    if (!room || bytes + content.length > MAX_BYTES) {
      drops.dropped(
          DropReason.QUEUE_FULL,
          "retained messages",
          messages.size() + " topics, " + bytes + " bytes: one more was delivered, not retained");
      return;
    }
    put(topic, qos, content);
    byte[] row = new byte[content.length + 1];
    row[0] = (byte) qos.value();
    System.arraycopy(content, 0, row, 1, content.length);
    rows.set(topic, Optional.of(row));
  }

  @Override
  public void retain(Topic topic, MqttPublishMessage message) {
    retain(topic.toString(), message.fixedHeader().qosLevel(), message.payload());
  }

  @Override
  public void cleanRetained(Topic topic) {
    forget(topic.toString());
    rows.set(topic.toString(), Optional.empty());
  }

  @Override
  public boolean isEmpty() {
    return messages.isEmpty();
  }

  /** Whether Moquette finds none, because the subscriber gets them another way. */
  void quiet(boolean newQuiet) {
    quiet = newQuiet;
  }

  @Override
  public List<RetainedMessage> retainedOnTopic(String filter) {
    return quiet ? List.of() : matching(filter);
  }

  /** The retained messages that a filter matches. */
  List<RetainedMessage> matching(String filter) {
    RetainedMessage exact = messages.get(filter);
    if (filter.indexOf('+') < 0 && filter.indexOf('#') < 0) {
      return exact == null ? List.of() : List.of(exact);
    }
    TopicFilter wanted = new TopicFilter(filter);
    return messages.entrySet().stream()
        .filter(entry -> wanted.matches(entry.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }
}
