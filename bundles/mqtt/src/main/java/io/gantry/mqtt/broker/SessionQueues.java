package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.metrics.Drops;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.QueueTarget;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The queues of persistent sessions in the store. A message is appended once for all sessions that
 * get it. Used on the event loop only; the answers of the store are gathered and taken over by the
 * loop once per batch.
 */
final class SessionQueues {

  private static final String PREFIX = "sessions/";
  private static final int LONGEST_NAME = 256;
  private static final int HASH = 64;

  private final QueueStore store;
  private final Executor loop;
  private final Executor reader;
  private final Limits.Backlog limits;
  private final Drops drops;
  private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean collecting = new AtomicBoolean();

  /**
   * Uses the store.
   *
   * @param reader a serial executor whose tasks may wait for the disk
   */
  SessionQueues(
      QueueStore store, Executor loop, Executor reader, Limits.Backlog limits, Drops drops) {
    this.store = store;
    this.loop = loop;
    this.reader = reader;
    this.limits = limits;
    this.drops = drops;
  }

  /**
   * The name of a session's queue. What stands behind a number sign would tell queues of one
   * receiver apart, and a name may be too long: such names are told apart by their hash.
   */
  static String name(String clientId) {
    String plain = PREFIX + clientId.replace("%", "%25").replace("#", "%23");
    if (plain.length() <= LONGEST_NAME) {
      return plain;
    }
    return plain.substring(0, LONGEST_NAME - HASH - 2) + "%%" + hash(clientId);
  }

  private static String hash(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }

  /** Forgets the queues of sessions that are not there: what a crash has left. */
  void keepOnly(Collection<String> clientIds) {
    Set<String> known = clientIds.stream().map(SessionQueues::name).collect(Collectors.toSet());
    for (String queue : store.queues()) {
      if (queue.startsWith(PREFIX) && !known.contains(queue)) {
        store.queue(queue).remove();
      }
    }
  }

  /**
   * The outbox of a session.
   *
   * @param known whether the session is from before this process
   */
  Outbox outbox(String clientId, boolean known, Outbox.Granted granted) {
    return new Outbox(
        clientId, store.queue(name(clientId)), known, loop, reader, limits, granted, drops);
  }

  /**
   * Appends a message for sessions.
   *
   * @param publisher who is held when a session has too much
   * @param answered is told on the event loop what became of it
   */
  void append(
      StoredMessage message,
      List<Outbox> sessions,
      Holder.@Nullable Publisher publisher,
      Consumer<SendResult> answered) {
    byte[] record = message.toBytes();
    int length = record.length;
    QueueTarget[] targets =
        sessions.stream()
            .map(session -> QueueTarget.of(session.queueName()))
            .toArray(QueueTarget[]::new);
    sessions.forEach(session -> session.announced(length, publisher));
    store
        .append(record, targets)
        .whenComplete(
            (offset, failure) ->
                answer(
                    () -> {
                      if (failure == null) {
                        sessions.forEach(session -> session.arrived(offset, length, message));
                        answered.accept(SendResult.Accepted.INSTANCE);
                      } else {
                        sessions.forEach(session -> session.refused(length));
                        answered.accept(SendResult.Rejected.notStored(failure));
                      }
                    }));
  }

  /** On the store's writer thread: many answers, one wake-up. */
  private void answer(Runnable answer) {
    answers.add(answer);
    if (collecting.compareAndSet(false, true)) {
      loop.execute(this::collect);
    }
  }

  private void collect() {
    collecting.set(false);
    for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
      answer.run();
    }
  }
}
