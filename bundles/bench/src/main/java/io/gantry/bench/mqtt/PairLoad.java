package io.gantry.bench.mqtt;

import io.gantry.bench.process.Account;
import io.gantry.bench.process.Broker;
import io.gantry.bench.process.ProcessFigures;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** All pairs of a run, on one thread: the broker shall have the rest of the machine. */
final class PairLoad implements AutoCloseable {

  private static final long LONGEST_NANOS = Duration.ofMinutes(5).toNanos();
  private static final long SELECT_MILLIS = 1_000;
  private static final long PAUSE_NANOS = 50_000;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Selector selector;
  private final List<Pair> pairs = new ArrayList<>();
  private final ProcessFigures process;
  private final Set<Pair> ready = new LinkedHashSet<>();

  /** Connects all clients; topics are below {@code line}. */
  PairLoad(Broker broker, int count, int payload, int window) throws IOException {
    process = broker.figures();
    selector = Selector.open();
    List<Account> senders = broker.accounts("sender", count);
    List<Account> receivers = broker.accounts("receiver", count);
    for (int i = 0; i < count; i++) {
      pairs.add(
          new Pair(
              selector,
              broker.port(),
              senders.get(i),
              receivers.get(i),
              "line/machine" + i + "/state",
              payload,
              window));
    }
  }

  /** As many messages as there is room for in the windows. */
  Figures flood(Duration duration) throws IOException {
    Histogram latency = new Histogram(LONGEST_NANOS, 3);
    long before = arrived();
    Duration cpu = process.cpu();
    long begin = System.nanoTime();
    long now = begin;
    for (Pair pair : pairs) {
      pair.fill(now);
      pair.flush();
    }
    while (now - begin < duration.toNanos()) {
      selector.select(SELECT_MILLIS);
      now = System.nanoTime();
      takeReady();
      for (Pair pair : ready) {
        pair.turn(latency);
        pair.fill(now);
        pair.flush();
      }
    }
    Figures figures = figures(latency, arrived() - before, now - begin, cpu);
    settle(latency);
    return figures;
  }

  /**
   * Messages by the clock, whatever the broker does; each is timed from the moment it was due, so
   * that one that has to wait for others counts for what it is.
   *
   * @param rate of all pairs, a second
   */
  Figures pace(double rate, Duration duration) throws IOException {
    Histogram latency = new Histogram(LONGEST_NANOS, 3);
    long before = arrived();
    Duration cpu = process.cpu();
    double interval = 1e9 / rate;
    long begin = System.nanoTime();
    long now = begin;
    long number = 0;
    while (now - begin < duration.toNanos()) {
      long due = begin + (long) (number * interval);
      if (due <= now) {
        Pair pair = pairs.get((int) (number % pairs.size()));
        pair.send(due);
        ready.add(pair);
        number++;
      } else {
        turnReady(latency);
        LockSupport.parkNanos(Math.min(PAUSE_NANOS, due - now));
        now = System.nanoTime();
      }
    }
    settle(latency);
    return figures(latency, arrived() - before, System.nanoTime() - begin, cpu);
  }

  private void turnReady(Histogram latency) throws IOException {
    Set<Pair> sending = Set.copyOf(ready);
    for (Pair pair : sending) {
      pair.flush();
    }
    selector.selectNow();
    takeReady();
    for (Pair pair : ready) {
      pair.turn(latency);
    }
    ready.clear();
  }

  private void takeReady() {
    ready.clear();
    for (SelectionKey key : selector.selectedKeys()) {
      ready.add((Pair) key.attachment());
    }
    selector.selectedKeys().clear();
  }

  /** Waits until everything has arrived. */
  private void settle(Histogram latency) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!pairs.stream().allMatch(Pair::isQuiet)) {
      selector.select(1);
      selector.selectedKeys().clear();
      for (Pair pair : pairs) {
        pair.turn(latency);
      }
      if (System.nanoTime() > end) {
        throw new IOException("not everything has arrived");
      }
    }
  }

  private long arrived() {
    return pairs.stream().mapToLong(Pair::arrived).sum();
  }

  private Figures figures(Histogram latency, long messages, long nanos, Duration cpu)
      throws IOException {
    if (messages == 0) {
      throw new IOException("nothing has arrived");
    }
    return new Figures(
        messages * 1e9 / nanos,
        latency.getValueAtPercentile(50) / NANOS_PER_MILLI,
        latency.getValueAtPercentile(99) / NANOS_PER_MILLI,
        latency.getValueAtPercentile(99.9) / NANOS_PER_MILLI,
        Figures.microseconds(process.cpu().minus(cpu), messages),
        process.resident() / 1e6);
  }

  @Override
  public void close() throws IOException {
    for (Pair pair : pairs) {
      pair.close();
    }
    selector.close();
  }
}
