package io.gantry.mqtt.broker;

import io.moquette.broker.SessionMessageQueue;
import io.moquette.broker.SessionRegistry.EnqueuedMessage;
import io.moquette.broker.SessionRegistry.PublishedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for one subscriber, in memory and bounded. While the subscriber is
 * connected nothing is lost: the publisher whose message brings the backlog over its bound is held
 * until the backlog is down to half. Of a persistent session only QoS 0 passes here, and does not
 * wait; the rest is in its {@link Outbox}. Used on the event loop only.
 */
final class Backlog extends Holder implements SessionMessageQueue<EnqueuedMessage> {

  /** The publisher whose message is being handed out at this moment. */
  interface Publishing {
    Holder.@Nullable Publisher current();
  }

  private record Waiting(EnqueuedMessage message, int bytes, boolean retained) {}

  private final Limits.Backlog limits;
  private final Publishing publishing;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private long bytes;
  private @Nullable Runnable subscriber;
  private boolean retainedNow;
  private boolean tookRetained;
  private boolean took;

  Backlog(Limits.Backlog limits, Publishing publishing) {
    this.limits = limits;
    this.publishing = publishing;
  }

  /**
   * The subscriber is connected: from now on publishers wait and nothing is forgotten.
   *
   * @param behind told when messages begin to wait
   */
  void online(Runnable behind) {
    subscriber = behind;
  }

  /** The subscriber is gone: publishers need not wait for it any longer. */
  void offline() {
    subscriber = null;
    release();
  }

  /** Whether what comes next are retained messages for a new subscription. */
  void retainedNow(boolean retained) {
    retainedNow = retained;
  }

  /** Whether the message that is being sent at this moment is a retained one. */
  boolean sendsRetained() {
    boolean retained = took ? tookRetained : retainedNow;
    took = false;
    return retained;
  }

  int size() {
    return waiting.size();
  }

  long bytes() {
    return bytes;
  }

  @Override
  public void enqueue(EnqueuedMessage message) {
    Waiting entry = copy(message);
    waiting.add(entry);
    bytes += entry.bytes();
    if (subscriber == null) {
      return;
    }
    if (waiting.size() == 1) {
      subscriber.run();
    }
    if (isFull()) {
      hold(publishing.current());
    }
  }

  /** A payload of the network is a slice of a far larger buffer, which waiting would pin. */
  private Waiting copy(EnqueuedMessage message) {
    if (!(message instanceof PublishedMessage published)) {
      return new Waiting(message, 0, false);
    }
    ByteBuf own = Unpooled.wrappedBuffer(ByteBufUtil.getBytes(published.getPayload()));
    int size = own.readableBytes() + limits.overhead();
    message.release();
    return new Waiting(
        new PublishedMessage(published.getTopic(), published.getPublishingQos(), own, false),
        size,
        retainedNow);
  }

  private boolean isFull() {
    return waiting.size() >= limits.messages() || bytes >= limits.bytes();
  }

  @Override
  public @Nullable EnqueuedMessage dequeue() {
    Waiting next = waiting.poll();
    if (next == null) {
      return null;
    }
    bytes -= next.bytes();
    took = true;
    tookRetained = next.retained();
    if (waiting.size() <= limits.messages() / 2 && bytes <= limits.bytes() / 2) {
      release();
    }
    return next.message();
  }

  @Override
  public boolean isEmpty() {
    return waiting.isEmpty();
  }

  @Override
  public void closeAndPurge() {
    waiting.forEach(entry -> entry.message().release());
    waiting.clear();
    bytes = 0;
    release();
  }
}
