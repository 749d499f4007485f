package io.gantry.bench.store;

import io.gantry.bench.process.ProcessFigures;
import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.StoreStatus;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One receiver is away while another takes all that comes: how fast it goes on, and what the store
 * takes, beside the same traffic without the one that is away. The store may have a gibibyte; what
 * passes is several times that.
 *
 * <p>{@code -Dmessages=10000000 -Dpayload=256}, {@code -Devery=100} (of so many messages one waits
 * for the receiver that is away, too).
 */
public final class StuckReceiver {

  private static final int WINDOW = 16_384;
  private static final int AT_ONCE = 1_024;
  private static final int READ_BYTES = 512 * 1024;
  private static final int REPORT = 1_000_000;
  private static final String MOVES = "modules/filter/inputs/in1";
  private static final String AWAY = "$upstream";

  private final int messages = Integer.getInteger("messages", 10_000_000);
  private final byte[] payload = new byte[Integer.getInteger("payload", 256)];
  private final int every = Integer.getInteger("every", 100);
  private final ProcessFigures process = new ProcessFigures(ProcessHandle.current().pid());
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private StuckReceiver() {}

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    StuckReceiver program = new StuckReceiver();
    program.run("all receivers there", List.of(MOVES));
    program.run("one away", List.of(MOVES, AWAY));
  }

  private void run(String title, List<String> queues) throws Exception {
    System.out.printf("%n%s: %,d messages of %d bytes%n", title, messages, payload.length);
    System.out.printf("%12s %12s %10s %9s %8s%n", "passed", "msg/s", "disk MB", "files", "RSS MB");
    try (OpenStore store = new OpenStore()) {
      Semaphore window = new Semaphore(WINDOW);
      Thread sender = new Thread(() -> send(store, queues, window), "sender");
      sender.setDaemon(true);
      sender.start();
      long begin = System.nanoTime();
      receive(store);
      double seconds = (System.nanoTime() - begin) / 1e9;
      long waiting = store.queue(AWAY).pending();
      System.out.printf(
          Locale.ROOT, "%s: %,.0f msg/s, %,d wait%n", title, messages / seconds, waiting);
      if (queues.contains(AWAY) && waiting != (messages + every - 1) / every) {
        throw new IllegalStateException("messages were lost");
      }
    }
  }

  private void send(OpenStore store, List<String> queues, Semaphore window) {
    List<String> one = List.of(MOVES);
    for (int i = 0; i < messages; i++) {
      if (i % AT_ONCE == 0) {
        window.acquireUninterruptibly(AT_ONCE);
      }
      boolean last = i % AT_ONCE == AT_ONCE - 1;
      store
          .queues()
          .append(payload, i % every == 0 ? queues : one)
          .whenComplete(
              (offset, refused) -> {
                if (refused != null) {
                  failure.set(refused);
                }
                if (last) {
                  window.release(AT_ONCE);
                }
              });
    }
  }

  private void receive(OpenStore store) throws IOException, InterruptedException {
    MessageQueue queue = store.queue(MOVES);
    Semaphore told = new Semaphore(0);
    queue.onAppend(told::release);
    long after = -1;
    int received = 0;
    int reported = 0;
    long since = System.nanoTime();
    while (received < messages) {
      List<MessageQueue.Entry> entries = queue.read(after, AT_ONCE, READ_BYTES);
      if (failure.get() != null) {
        throw new IOException("a message was refused", failure.get());
      }
      if (entries.isEmpty()) {
        told.tryAcquire(1, TimeUnit.SECONDS);
        continue;
      }
      received += entries.size();
      after = entries.get(entries.size() - 1).offset();
      queue.commit(after);
      if (received / REPORT > reported || received == messages) {
        report(store, received, (received - reported * (long) REPORT) * 1e9, since);
        reported = received / REPORT;
        since = System.nanoTime();
      }
    }
  }

  private void report(OpenStore store, int received, double messagesTimesSecond, long since) {
    StoreStatus status = store.queues().status();
    System.out.printf(
        Locale.ROOT,
        "%,12d %,12.0f %,10d %9d %8d%n",
        received,
        messagesTimesSecond / (System.nanoTime() - since),
        status.bytes() >> 20,
        status.segments(),
        process.resident() >> 20);
  }
}
