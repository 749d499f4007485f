package io.gantry.mqtt.broker;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.moquette.broker.SessionMessageQueue;
import io.moquette.broker.SessionRegistry.EnqueuedMessage;
import io.moquette.broker.SessionRegistry.PublishedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for one subscriber, in memory and bounded. While the subscriber is
 * connected nothing is lost: the publisher whose message brings the backlog over its bound is held
 * until the backlog is down to half. While it is away the oldest are forgotten and counted. Used on
 * the event loop only.
 */
final class Backlog implements SessionMessageQueue<EnqueuedMessage> {

  /** Who is told to wait. */
  interface Publisher {
    /** No more messages until {@link #released}. */
    void held(Backlog by);

    /** The backlog has room again. */
    void released(Backlog by);
  }

  /** The publisher whose message is being handed out at this moment. */
  interface Publishing {
    @Nullable Publisher current();
  }

  private record Waiting(EnqueuedMessage message, int bytes, boolean retained) {}

  private final String clientId;
  private final Limits.Backlog limits;
  private final Publishing publishing;
  private final Drops drops;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Set<Publisher> held = new LinkedHashSet<>();
  private long bytes;
  private @Nullable Runnable subscriber;
  private boolean retainedNow;
  private boolean tookRetained;
  private boolean took;

  Backlog(String clientId, Limits.Backlog limits, Publishing publishing, Drops drops) {
    this.clientId = clientId;
    this.limits = limits;
    this.publishing = publishing;
    this.drops = drops;
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
    forgetOldest();
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
      forgetOldest();
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

  private void hold(@Nullable Publisher publisher) {
    if (publisher != null && held.add(publisher)) {
      publisher.held(this);
    }
  }

  private void forgetOldest() {
    while (waiting.size() > limits.messages() || bytes > limits.bytes() && waiting.size() > 1) {
      Waiting oldest = waiting.remove();
      bytes -= oldest.bytes();
      oldest.message().release();
      drops.dropped(
          DropReason.QUEUE_FULL,
          clientId,
          "session without a connection; oldest message forgotten");
    }
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

  private void release() {
    if (held.isEmpty()) {
      return;
    }
    List<Publisher> all = List.copyOf(held);
    held.clear();
    all.forEach(publisher -> publisher.released(this));
  }

  /** A publisher is gone. */
  void forget(Publisher publisher) {
    held.remove(publisher);
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
