package io.gantry.bench.routing;

import io.gantry.bench.store.OpenStore;
import io.gantry.spi.store.MessageQueue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * From a module through a route into a module, in one JVM without a framework: how many messages a
 * second, what each costs, and how long it is under way when the gateway has half of that to do.
 * The limit is the same store with records of the same length, nobody routing, encoding or reading.
 *
 * <p>{@code -Drounds=3 -DwarmUp=6 -Dmeasured=5} (seconds), {@code -Dpayload=256} (bytes), {@code
 * -DinFlight=4096} (messages sent and not arrived), {@code -Drate} (messages a second instead of
 * half of what was reached), and {@code -Droute}: a route, or a JSON object as a manifest has it.
 * The source must be the output {@code out1} of module {@code sender}, the sink the input {@code
 * in1} of module {@code receiver}.
 */
public final class ModuleToModule {

  private static final String ROUTE =
      "FROM /messages/modules/sender/outputs/out1 INTO"
          + " BrokeredEndpoint(\\\"/modules/receiver/inputs/in1\\\")";

  /** What the hub adds to a body of a message without properties, in the form it is stored. */
  private static final int AROUND_BODY = 330;

  private static final String HEADER =
      String.format(
          Locale.ROOT,
          "%-28s %9s %10s %10s %8s %8s %8s",
          "",
          "msg/s",
          "CPU us/msg",
          "bytes/msg",
          "p50 ms",
          "p99 ms",
          "p99.9");

  private record Row(double rate, double cpu, double bytes, double p50, double p99, double p999) {

    static Row of(Consumption used, long messages, Histogram latencies) {
      return new Row(
          used.rate(messages),
          used.microseconds(messages),
          used.bytes(messages),
          latencies.getValueAtPercentile(50) / 1e6,
          latencies.getValueAtPercentile(99) / 1e6,
          latencies.getValueAtPercentile(99.9) / 1e6);
    }

    static Row median(List<Row> rows) {
      return new Row(
          median(rows, Row::rate),
          median(rows, Row::cpu),
          median(rows, Row::bytes),
          median(rows, Row::p50),
          median(rows, Row::p99),
          median(rows, Row::p999));
    }

    private static double median(List<Row> rows, ToDoubleFunction<Row> column) {
      double[] sorted = rows.stream().mapToDouble(column).sorted().toArray();
      return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1)
          .average()
          .orElseThrow();
    }

    void print(String name) {
      System.out.printf(
          Locale.ROOT,
          "%-28s %,9.0f %10.2f %,10.0f %8.2f %8.2f %8.2f%n",
          name,
          rate,
          cpu,
          bytes,
          p50,
          p99,
          p999);
    }
  }

  private final int rounds = Integer.getInteger("rounds", 3);
  private final int payload = Integer.getInteger("payload", 256);
  private final int inFlight = Integer.getInteger("inFlight", 4096);
  private final Duration warmUp = Duration.ofSeconds(Integer.getInteger("warmUp", 6));
  private final Duration measured = Duration.ofSeconds(Integer.getInteger("measured", 5));

  private ModuleToModule() {}

  /** See above. */
  public static void main(String[] arguments) throws Exception {
    new ModuleToModule().run();
  }

  private void run() throws IOException, InterruptedException {
    System.out.println(HEADER);
    List<Row> limits = new ArrayList<>();
    List<Row> floods = new ArrayList<>();
    try (InProcess gateway = new InProcess(routes())) {
      Traffic traffic = new Traffic(gateway.client("sender"), payload, inFlight);
      gateway.handle("receiver", "in1", traffic::arrived);
      traffic.flood(warmUp);
      for (int round = 0; round < rounds; round++) {
        floods.add(flood(traffic));
        limits.add(limit());
      }
      int given = Integer.getInteger("rate", 0);
      double half = given > 0 ? given : Row.median(floods).rate() / 2;
      // Another way of sending is compiled another time.
      traffic.pace(half, warmUp.dividedBy(2));
      List<Row> halves = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        halves.add(pace(traffic, half));
      }
      System.out.println("medians\n" + HEADER);
      Row.median(limits).print("the store alone");
      Row.median(floods).print("module to module");
      Row.median(halves).print("paced");
    }
  }

  private static String routes() {
    String route = System.getProperty("route");
    String value =
        route == null
            ? "\"" + ROUTE + "\""
            : route.startsWith("{") ? route : "\"" + route.replace("\"", "\\\"") + "\"";
    return "{\"all\":" + value + "}";
  }

  private Row flood(Traffic traffic) throws InterruptedException {
    traffic.latencies();
    long count = traffic.count();
    Consumption before = Consumption.now();
    traffic.flood(measured);
    Row row = row(traffic, count, before);
    row.print("module to module");
    return row;
  }

  private Row pace(Traffic traffic, double rate) throws InterruptedException {
    traffic.latencies();
    long count = traffic.count();
    Consumption before = Consumption.now();
    traffic.pace(rate, measured);
    Row row = row(traffic, count, before);
    row.print("paced");
    return row;
  }

  private static Row row(Traffic traffic, long count, Consumption before) {
    Consumption used = Consumption.now().since(before);
    return Row.of(used, traffic.count() - count, traffic.latencies());
  }

  private Row limit() throws IOException, InterruptedException {
    byte[] record = new byte[payload + AROUND_BODY];
    Semaphore window = new Semaphore(inFlight);
    Histogram latencies = new Histogram(3);
    long messages = 0;
    try (OpenStore store = new OpenStore()) {
      MessageQueue queue = store.queue("modules/receiver/inputs/in1");
      Consumption before = Consumption.now();
      long end = System.nanoTime() + measured.toNanos();
      while (System.nanoTime() < end) {
        window.acquire();
        long begin = System.nanoTime();
        store
            .queues()
            .append(record, List.of(queue.name()))
            .thenAccept(
                offset -> {
                  latencies.recordValue(System.nanoTime() - begin);
                  queue.commit(offset);
                  window.release();
                });
        messages++;
      }
      window.acquire(inFlight);
      Consumption used = Consumption.now().since(before);
      Row row = Row.of(used, messages, latencies);
      row.print("the store alone");
      return row;
    }
  }
}
