package io.gantry.bench.store;

import io.gantry.bench.process.TemporaryFolder;
import io.gantry.spi.store.MessageQueue;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Durable records in a second: the store with its queue, positions, answers and reclaimed files,
 * beside {@link RawLog}. A sender goes on while up to 16,384 of its records wait to be durable.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 3)
@Fork(
    value = 2,
    jvmArgs = {"-Xmx256m", "-XX:+UseSerialGC"})
public class StoreAppend {

  private static final int RECORDS = 102_400;
  private static final int WINDOW = 16_384;
  private static final int SHARE = 1_024;
  private static final List<String> QUEUE = List.of("modules/filter/inputs/in1");

  /** Length of a record. */
  @Param({"256", "1024"})
  int bytes;

  private final Semaphore window = new Semaphore(WINDOW);
  private byte[] record;
  private TemporaryFolder folder;
  private RawLog raw;
  private OpenStore store;
  private MessageQueue queue;
  private long answered;

  /** Opens both. */
  @Setup
  public void open() throws IOException {
    record = new byte[bytes];
    folder = new TemporaryFolder("raw");
    raw = new RawLog(folder.path());
    store = new OpenStore();
    queue = store.queue(QUEUE.get(0));
  }

  /** Closes both and deletes what they have written. */
  @TearDown
  public void close() throws IOException {
    raw.close();
    folder.close();
    store.close();
  }

  /** The limit. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public void raw() throws IOException {
    for (int i = 0; i < RECORDS; i++) {
      raw.append(record);
    }
    raw.commit();
  }

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public void store() throws InterruptedException {
    for (int i = 0; i < RECORDS; i++) {
      if (i % SHARE == 0) {
        window.acquire(SHARE);
      }
      CompletionStage<Long> stage = store.queues().append(record, QUEUE);
      stage.whenComplete((offset, failure) -> done(offset, failure));
    }
    window.acquire(WINDOW);
    window.release(WINDOW);
  }

  private void done(Long offset, Throwable failure) {
    if (failure != null) {
      throw new IllegalStateException("the store refused", failure);
    }
    if (++answered % SHARE == 0) {
      // As a receiver does that is never far behind.
      queue.commit(offset);
      window.release(SHARE);
    }
  }

  /** Runs these, with the bytes that each record allocates. */
  public static void main(String[] arguments) throws Exception {
    new Runner(
            new OptionsBuilder()
                .include(StoreAppend.class.getSimpleName())
                .addProfiler(GCProfiler.class)
                .build())
        .run();
  }
}
