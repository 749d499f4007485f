package io.gantry.bench.store;

import io.gantry.bench.process.TemporaryFolder;
import io.gantry.spi.store.MessageQueue;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * How long a sender waits who sends the next record of 256 bytes only when the last one is durable:
 * alone, sixteen together, and the disk alone (a write and a sync).
 */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.Throughput, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgs = {"-Xmx256m", "-XX:+UseSerialGC"})
public class StoreCommit {

  private static final int BYTES = 256;
  private static final List<String> QUEUE = List.of("modules/filter/inputs/in1");

  private final byte[] record = new byte[BYTES];
  private TemporaryFolder folder;
  private RawLog raw;
  private OpenStore store;
  private MessageQueue queue;

  /** Opens both. */
  @Setup
  public void open() throws IOException {
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

  /** The limit for one who is alone. */
  @Benchmark
  @Threads(1)
  public void rawAlone() throws IOException {
    raw.append(record);
    raw.commit();
  }

  /** Ours, alone. */
  @Benchmark
  @Threads(1)
  public void alone() throws ExecutionException, InterruptedException {
    append();
  }

  /** Ours, sixteen at once. */
  @Benchmark
  @Threads(16)
  public void sixteen() throws ExecutionException, InterruptedException {
    append();
  }

  private void append() throws ExecutionException, InterruptedException {
    long offset = store.queues().append(record, QUEUE).toCompletableFuture().get();
    if (offset % 1024 == 0) {
      queue.commit(offset);
    }
  }

  /** Runs these. */
  public static void main(String[] arguments) throws Exception {
    new Runner(new OptionsBuilder().include(StoreCommit.class.getSimpleName()).build()).run();
  }
}
