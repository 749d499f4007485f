package io.gantry.bench.swap;

import io.gantry.bench.process.Gateway;
import io.gantry.bench.process.GatewayFolder;
import io.gantry.bench.process.JavaRuntime;
import io.gantry.bench.process.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a module's replacement does to the messages that flow through its input, in the packaged
 * gateway: one module sends by the clock, durably, through a route, into the one that is replaced,
 * by deployments through the management API, between two versions in turn. Each message has a
 * number; the receiver writes down each that it gets, and when.
 *
 * <p>A gap is the longest time between two deliveries, one after the other, from when a deployment
 * is asked for until a moment after it was answered. The same is measured before, in as many spans
 * of the same length in which nothing is deployed.
 */
public final class Swap {

  private static final long MOMENT = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long PATIENCE_SECONDS = 30;

  private record Span(long begin, long end) {}

  private final Gateway gateway;
  private final Ledger ledger;
  private final Path ledgerFile;
  private final boolean exclusive;

  private Swap(Gateway gateway, Ledger ledger, Path ledgerFile, boolean exclusive) {
    this.gateway = gateway;
    this.ledger = ledger;
    this.ledgerFile = ledgerFile;
    this.exclusive = exclusive;
  }

  /**
   * {@code -Dswaps=1000 -Drate=20000 -Dexclusive=false -Dpause=50}: how often, messages a second,
   * whether the versions may not run at the same time, milliseconds between two of them.
   */
  public static void main(String[] arguments) throws Exception {
    boolean exclusive = Boolean.getBoolean("exclusive");
    try (TemporaryFolder temporary = new TemporaryFolder("swap");
        GatewayFolder folder = GatewayFolder.of(GatewayFolder.home())) {
      Jars jars = new Jars(temporary.path());
      jars.sender();
      jars.receiver("1.0.0");
      jars.receiver("1.0.1");
      Path file = temporary.path().resolve("ledger");
      folder.withRepository(jars.index().toString());
      folder.withManifest(plan(file, exclusive, 0).toString());
      Ledger ledger = Ledger.open(file);
      try (Gateway gateway = Gateway.start(folder, JavaRuntime.ofProperties())) {
        new Swap(gateway, ledger, file, exclusive)
            .run(
                Integer.getInteger("swaps", 1000),
                Integer.getInteger("rate", 20_000),
                Long.getLong("pause", 50));
      }
    }
  }

  private static Plan plan(Path ledger, boolean exclusive, int version) {
    String where = ledger.toString();
    return new Plan()
        .module("sender", Jars.SENDER, Map.of("Ledger", where), false)
        .module(
            "receiver",
            Jars.RECEIVER + ":1.0." + version,
            Map.of("Ledger", where, "Version", Integer.toString(version)),
            exclusive)
        .route(
            "in",
            "FROM /messages/modules/sender/outputs/out"
                + " INTO BrokeredEndpoint(\"/modules/receiver/inputs/in\")");
  }

  private void run(int swaps, int rate, long pause) throws IOException, InterruptedException {
    ledger.rate(rate);
    pass(5_000);
    List<Span> deployments = new ArrayList<>();
    for (int i = 1; i <= swaps; i++) {
      deployments.add(swap(i % 2));
      pass(pause);
    }
    long length = median(deployments);
    List<Span> quiet = new ArrayList<>();
    for (int i = 0; i < Math.min(swaps, 200); i++) {
      long begin = System.nanoTime();
      pass(TimeUnit.NANOSECONDS.toMillis(length));
      quiet.add(new Span(begin, begin + length));
      pass(pause);
    }
    ledger.rate(0);
    awaitAll();
    report(deployments, quiet, rate);
  }

  private Span swap(int version) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    gateway.deploy(plan(ledgerFile, exclusive, version).toString());
    return new Span(begin, System.nanoTime());
  }

  private static long median(List<Span> spans) {
    long[] lengths = spans.stream().mapToLong(span -> span.end - span.begin).sorted().toArray();
    return lengths[lengths.length / 2];
  }

  /** Nothing to wait for but the time itself. */
  private static void pass(long millis) throws InterruptedException {
    new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
  }

  private void awaitAll() throws InterruptedException {
    pass(100);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (missing() > 0 && System.nanoTime() < end) {
      pass(200);
    }
    // What comes a second time comes late.
    pass(2_000);
  }

  private long missing() {
    long missing = 0;
    for (long number = 0; number < ledger.sent(); number++) {
      if (!ledger.wasRefused(number) && ledger.count(number) == 0) {
        missing++;
      }
    }
    return missing;
  }

  private void report(List<Span> deployments, List<Span> quiet, int rate) {
    long sent = ledger.sent();
    long duplicates = 0;
    long switches = 0;
    long[] delivered = new long[(int) sent];
    int count = 0;
    List<Long> ways = new ArrayList<>();
    for (long number = 0; number < sent; number++) {
      if (ledger.count(number) > 0) {
        delivered[count] = ledger.deliveredAt(number);
        count++;
        duplicates += ledger.count(number) - 1;
        ways.add(ledger.deliveredAt(number) - ledger.sentAt(number));
        if (number > 0 && ledger.deliveredBy(number) != ledger.deliveredBy(number - 1)) {
          switches++;
        }
      }
    }
    long[] times = Arrays.copyOf(delivered, count);
    Arrays.sort(times);
    System.out.printf(
        Locale.ROOT,
        "%s: %,d messages (%,d a second asked for), %d refused, %d lost, %d more than once;"
            + " %d deployments, %d changes of the version that got them; RSS %.1f MB%n",
        exclusive ? "exclusive" : "side by side",
        sent,
        rate,
        ledger.countRefused(),
        missing(),
        duplicates,
        deployments.size(),
        switches,
        gateway.figures().resident() / 1e6);
    System.out.println(Sample.of(gaps(times, quiet)).row("longest gap, nothing deployed"));
    System.out.println(Sample.of(gaps(times, deployments)).row("longest gap around a deployment"));
    System.out.println(
        Sample.of(deployments.stream().map(span -> span.end - span.begin).toList())
            .row("a deployment"));
    System.out.println(Sample.of(ways).row("from send to handler"));
    // Whatever piles up with each shows here.
    int tenth = deployments.size() / 10;
    for (int from = 0; tenth > 0 && from + tenth <= deployments.size(); from += tenth) {
      List<Span> some = deployments.subList(from, from + tenth);
      System.out.println(Sample.of(gaps(times, some)).row("  gap, deployments from " + from));
      System.out.println(
          Sample.of(some.stream().map(span -> span.end - span.begin).toList())
              .row("  took, deployments from " + from));
    }
  }

  private static List<Long> gaps(long[] times, List<Span> spans) {
    return spans.stream().map(span -> gap(times, span)).toList();
  }

  /** The longest time between deliveries that touches the span. */
  private static long gap(long[] times, Span span) {
    int found = Arrays.binarySearch(times, span.begin);
    int next = Math.max(1, found < 0 ? -found - 1 : found);
    long longest = 0;
    for (int i = next; i < times.length && times[i - 1] < span.end + MOMENT; i++) {
      longest = Math.max(longest, times[i] - times[i - 1]);
    }
    return longest;
  }
}
