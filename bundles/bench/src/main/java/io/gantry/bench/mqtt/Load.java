package io.gantry.bench.mqtt;

import io.gantry.bench.process.Account;
import io.gantry.bench.process.Broker;
import io.gantry.bench.process.ProcessFigures;
import java.io.IOException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** All publishers of a run, on one thread: the broker shall have the rest of the machine. */
final class Load implements AutoCloseable {

  private static final long LONGEST_NANOS = Duration.ofMinutes(1).toNanos();
  private static final long SELECT_MILLIS = 1_000;
  private static final double NANOS_PER_MILLI = 1e6;

  private final Selector selector;
  private final List<Publisher> publishers = new ArrayList<>();
  private final Workload workload;
  private final ProcessFigures process;

  private Load(Workload workload, ProcessFigures process) throws IOException {
    this.workload = workload;
    this.process = process;
    selector = Selector.open();
  }

  /** Connects all clients. */
  static Load on(Broker broker, Workload workload) throws IOException {
    Load load = new Load(workload, broker.figures());
    try {
      for (Account account : broker.accounts("bench", workload.publishers())) {
        load.publishers.add(new Publisher(load.selector, broker.port(), account, workload));
      }
      return load;
    } catch (IOException e) {
      load.close();
      throw e;
    }
  }

  /** Sends and measures. */
  Figures run() throws IOException {
    for (Publisher publisher : publishers) {
      publisher.send();
    }
    send(workload.warmUp(), new Histogram(LONGEST_NANOS, 3));
    Histogram latency = new Histogram(LONGEST_NANOS, 3);
    long before = acknowledged();
    Duration cpu = process.cpu();
    long nanos = send(workload.measured(), latency);
    long messages = acknowledged() - before;
    if (messages == 0) {
      throw new IOException("nothing was acknowledged in " + workload.measured());
    }
    return new Figures(
        messages * 1e9 / nanos,
        latency.getValueAtPercentile(50) / NANOS_PER_MILLI,
        latency.getValueAtPercentile(99) / NANOS_PER_MILLI,
        latency.getValueAtPercentile(99.9) / NANOS_PER_MILLI,
        Figures.microseconds(process.cpu().minus(cpu), messages),
        process.resident() / 1e6);
  }

  private long send(Duration duration, Histogram latency) throws IOException {
    long begin = System.nanoTime();
    long now = begin;
    while (now - begin < duration.toNanos()) {
      selector.select(SELECT_MILLIS);
      for (var key : selector.selectedKeys()) {
        ((Publisher) key.attachment()).turn(latency);
      }
      selector.selectedKeys().clear();
      now = System.nanoTime();
    }
    return now - begin;
  }

  /** How many messages were acknowledged so far. */
  long acknowledged() {
    return publishers.stream().mapToLong(Publisher::acknowledged).sum();
  }

  @Override
  public void close() throws IOException {
    for (Publisher publisher : publishers) {
      publisher.close();
    }
    selector.close();
  }
}
