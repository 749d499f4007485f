package io.gantry.routing.deadletter;

import io.gantry.spi.routing.DeadLetters;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.MessageCodec;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.store.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Dead letters in a log that only grows and forgets its oldest, and what was taken out of it in a
 * table: the sequence number up to which all were purged, and those that were replayed since.
 */
public final class StoredDeadLetters implements DeadLetters {

  private static final String PURGED = "purged";
  private static final String REPLAYED = "replayed-";
  private static final int BLOCK = 256;

  private final RetainedLog log;
  private final Table taken;
  private final QueueStore queues;
  private final InstantSource clock;

  public StoredDeadLetters(RetainedLog log, Table taken, QueueStore queues, InstantSource clock) {
    this.log = log;
    this.taken = taken;
    this.queues = queues;
    this.clock = clock;
  }

  /** Keeps one; the stage completes once it is durable. Any thread. */
  public CompletionStage<Long> add(
      EndpointAddress address, RoutedMessage message, String reason, int refusals) {
    return log.append(
        DeadLetterCodec.encode(clock.instant(), address.id(), reason, refusals, message));
  }

  private long purged() {
    return taken.get(PURGED).map(value -> ByteBuffer.wrap(value).getLong()).orElse(-1L);
  }

  private static String key(long sequence) {
    return REPLAYED + sequence;
  }

  @Override
  public List<DeadLetter> read(long from, int max) throws IOException {
    long next = Math.max(from, purged() + 1);
    Set<String> replayed = taken.keys();
    List<DeadLetter> found = new ArrayList<>();
    while (found.size() < max) {
      List<RetainedLog.Entry> block = log.read(next, Math.min(BLOCK, max));
      if (block.isEmpty()) {
        break;
      }
      for (RetainedLog.Entry entry : block) {
        next = entry.offset() + 1;
        if (!replayed.contains(key(entry.offset())) && found.size() < max) {
          found.add(DeadLetterCodec.decode(entry.offset(), entry.record()));
        }
      }
    }
    return found;
  }

  @Override
  public CompletionStage<Boolean> replay(long sequence) {
    List<DeadLetter> found;
    try {
      found = read(sequence, 1);
    } catch (IOException unreadable) {
      return CompletableFuture.failedFuture(unreadable);
    }
    if (found.isEmpty() || found.get(0).sequence() != sequence) {
      return CompletableFuture.completedFuture(false);
    }
    DeadLetter letter = found.get(0);
    byte[] record = MessageCodec.encode(letter.message());
    return queues
        .append(record, List.of(letter.endpoint()))
        .thenCompose(stored -> taken.put(key(sequence), new byte[0]))
        .thenApply(done -> true);
  }

  @Override
  public CompletionStage<Long> purge(long upTo) {
    long last = Math.min(upTo, log.next() - 1);
    long count;
    try {
      count = read(0, Integer.MAX_VALUE).stream().filter(one -> one.sequence() <= last).count();
    } catch (IOException unreadable) {
      return CompletableFuture.failedFuture(unreadable);
    }
    if (last <= purged()) {
      return CompletableFuture.completedFuture(0L);
    }
    byte[] value = ByteBuffer.allocate(Long.BYTES).putLong(last).array();
    return taken.put(PURGED, value).thenRun(() -> forget(last)).thenApply(done -> count);
  }

  /** What is purged need not be known as replayed any more. */
  private void forget(long upTo) {
    for (String key : taken.keys()) {
      if (key.startsWith(REPLAYED) && Long.parseLong(key.substring(REPLAYED.length())) <= upTo) {
        taken.remove(key);
      }
    }
  }
}
