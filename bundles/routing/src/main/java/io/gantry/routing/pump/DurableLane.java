package io.gantry.routing.pump;

import io.gantry.spi.routing.MessageCodec;
import io.gantry.spi.store.MessageQueue;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Messages in a queue of the store. */
final class DurableLane extends Lane {

  private static final Logger LOG = LoggerFactory.getLogger(DurableLane.class);
  private static final int READ_AT_ONCE = 256;
  private static final int READ_BYTES = 64 * 1024;

  private final MessageQueue queue;
  private final Deque<MessageQueue.Entry> readAhead = new ArrayDeque<>();
  private long lastRead;

  /**
   * @param added is told, on any thread, when something was added
   */
  DurableLane(MessageQueue queue, int priority, Runnable added) {
    super(priority);
    this.queue = queue;
    this.lastRead = queue.committed();
    queue.onAppend(
        () -> {
          added();
          added.run();
        });
  }

  @Override
  @Nullable InFlight read() throws IOException {
    if (readAhead.isEmpty()) {
      readAhead.addAll(queue.read(lastRead, READ_AT_ONCE, READ_BYTES));
    }
    MessageQueue.Entry entry = readAhead.pollFirst();
    if (entry == null) {
      return null;
    }
    lastRead = entry.offset();
    try {
      return new InFlight(
          entry.offset(),
          entry.record().length,
          MessageCodec.decode(entry.record()),
          entry.expiresAt());
    } catch (IOException damaged) {
      LOG.error("A message for {} cannot be read", queue.name(), damaged);
      return new InFlight(entry.offset(), entry.record().length, null, entry.expiresAt());
    }
  }

  @Override
  void forget(InFlight message) {
    // The position says it.
  }

  @Override
  void commit(long offset) {
    queue.commit(offset);
  }

  @Override
  void clearWaiting() {
    readAhead.clear();
    queue.commit(Long.MAX_VALUE);
    lastRead = queue.committed();
  }

  @Override
  long pending() {
    return queue.pending();
  }

  @Override
  long pendingBytes() {
    return queue.pendingBytes();
  }

  @Override
  void close() {
    queue.onAppend(() -> {});
  }
}
