package io.gantry.itest.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.ModuleRepository;
import io.gantry.itest.distribution.Reports;
import io.gantry.itest.flow.mixed.Arrivals;
import io.gantry.itest.flow.mixed.Arrivals.Excuse;
import io.gantry.itest.flow.mixed.Item;
import io.gantry.itest.flow.mixed.Kind;
import io.gantry.itest.flow.mixed.Outside;
import io.gantry.itest.flow.mixed.PlantModules;
import io.gantry.itest.flow.mixed.Press;
import io.gantry.itest.flow.mixed.ProducerModule;
import io.gantry.itest.flow.mixed.SinkJournal;
import io.gantry.itest.flow.mixed.SinkModule;
import io.gantry.itest.flow.mixed.Upstream;
import io.gantry.launcher.cli.ExitCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole plant on a gateway whose power fails again and again: devices and a module that send,
 * modules that break down, leave, are built anew or removed, routes of several priorities, and
 * messages that expire. Every message is accounted for.
 */
class MixedLoadIT {

  /** A start may be waited for, too. */
  private static final Duration LIMIT = Duration.ofSeconds(120);

  private static final Duration TIME_TO_LIVE = Duration.ofSeconds(2);
  private static final Duration LONG_ABSENCE = TIME_TO_LIVE.plusMillis(500);

  /** The gateway tells the time in whole milliseconds. */
  private static final Duration ROUNDING = Duration.ofMillis(10);

  private static final Duration PACE = Duration.ofMillis(2);
  private static final int PRESSES = 3;
  private static final int WINDOW = 16;
  private static final int LAST = 60;
  private static final String OURS = "FROM /messages/* WHERE NOT IS_DEFINED(MessageType) AND kind=";

  private final int rounds = Integer.getInteger("gantry.crash.rounds", 20);
  private final long seed = Long.getLong("gantry.crash.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<Press> presses = new ArrayList<>();
  private final Arrivals direct = arrivals("$upstream", EnumSet.allOf(Kind.class));
  private final Arrivals filtered = arrivals("$upstream by way of filter", EnumSet.of(Kind.MID));
  private final Arrivals sink = arrivals("sink", EnumSet.complementOf(EnumSet.of(Kind.SHORT)));
  private final Arrivals outside = arrivals("outside", EnumSet.of(Kind.HIGH, Kind.SHORT));

  @TempDir private Path temp;
  private Distribution distribution;
  private Upstream upstream;
  private Reports reports;
  private Optional<Thread> deployer = Optional.empty();
  private int deployments;

  private static Arrivals arrivals(String endpoint, EnumSet<Kind> kinds) {
    return new Arrivals(
        endpoint, kinds, sender -> sender.equals(ProducerModule.NAME) ? "gateway" : sender);
  }

  @BeforeEach
  void start() {
    distribution = Distribution.in(temp.resolve("gantry")).knowing("gateway/" + Outside.NAME);
    for (int i = 1; i <= PRESSES; i++) {
      distribution.knowing("press" + i);
    }
    upstream = new Upstream(distribution, "filter", direct, filtered);
    reports = new Reports(distribution);
    PlantModules.addTo(new ModuleRepository(distribution.folder()));
    plan().first(distribution.folder());
    distribution.start();
    // An orderly end leaves an archive of classes, and each of the many starts takes half the time.
    distribution.terminate();
  }

  @AfterEach
  void end() {
    distribution.close();
    presses.forEach(Press::close);
  }

  private static Plan plan() {
    return new Plan()
        .module("filter", Plan.FILTER)
        .module(SinkModule.NAME, PlantModules.SINK_IMAGE)
        .module(ProducerModule.NAME, PlantModules.PRODUCER_IMAGE)
        .route("upHigh", 0, OURS + "'high' INTO $upstream")
        .route("upMid", 4, OURS + "'mid' INTO $upstream")
        .route("upLow", 9, OURS + "'low' INTO $upstream")
        .route("upShort", OURS + "'short' INTO $upstream")
        .route("sinkHigh", 0, OURS + "'high' INTO " + input(SinkModule.NAME, SinkModule.INPUT))
        .route("sinkMid", 4, OURS + "'mid' INTO " + input(SinkModule.NAME, SinkModule.INPUT))
        .route("sinkLow", 9, OURS + "'low' INTO " + input(SinkModule.NAME, SinkModule.INPUT))
        .route("outHigh", 9, OURS + "'high' INTO " + input(Outside.NAME, Outside.INPUT))
        .route(
            "outShort",
            4,
            TIME_TO_LIVE,
            OURS + "'short' INTO " + input(Outside.NAME, Outside.INPUT))
        .route("filter", OURS + "'mid' INTO " + input("filter", "input1"))
        .route("alerts", "FROM /messages/modules/filter/outputs/output1 INTO $upstream");
  }

  private static String input(String module, String name) {
    return "BrokeredEndpoint(\"/modules/" + module + "/inputs/" + name + "\")";
  }

  @Test
  void nothingIsLostMisledOrOutOfOrderHoweverOftenThePowerFails() {
    int port = distribution.folder().port("io.gantry.mqtt");
    distribution.launch();
    for (int i = 1; i <= PRESSES; i++) {
      Press press = new Press("press" + i, port, WINDOW, PACE);
      presses.add(press);
      press.sendOn();
    }
    try (Outside module = new Outside(port, new Random(random.nextLong()), LONG_ABSENCE, outside)) {
      for (int round = 0; round < rounds; round++) {
        disturb();
        distribution.kill();
        distribution.launch();
      }
      drain(module);
      long expired = checkExpiry(module);
      check(module, expired);
    }
  }

  /** Some moments are in the start, most amid the traffic, some amid a deployment. */
  private void disturb() {
    int begin = acknowledged();
    switch (random.nextInt(6)) {
      case 0, 1 -> awaitMoment(Duration.ofMillis(random.nextInt(1_500)));
      case 2 -> {
        distribution.awaitReady();
        upstream.read();
        deployAside();
        awaitMoment(Duration.ofMillis(random.nextInt(500)));
      }
      default -> awaitAcknowledged(begin + random.nextInt(300));
    }
  }

  /** One module is built anew, or the sink is not wanted any more, for a while. */
  private void deployAside() {
    if (deployer.filter(Thread::isAlive).isPresent()) {
      return;
    }
    String generation = Integer.toString(++deployments);
    Plan plan =
        switch (random.nextInt(4)) {
          case 0 -> plan().without(SinkModule.NAME);
          case 1 -> plan().environment(SinkModule.NAME, "generation", generation);
          case 2 -> plan().environment(ProducerModule.NAME, "generation", generation);
          default -> plan().environment("filter", "generation", generation);
        };
    // Whether it comes to an end before the kill is left to chance.
    Thread thread = new Thread(() -> plan.deploy(distribution), "deployer");
    thread.start();
    deployer = Optional.of(thread);
  }

  private static void awaitMoment(Duration after) {
    long moment = System.nanoTime() + after.toNanos();
    Await.until("a moment", LIMIT, () -> System.nanoTime() - moment >= 0);
  }

  private int acknowledged() {
    return presses.stream().mapToInt(Press::acknowledged).sum();
  }

  private void awaitAcknowledged(int count) {
    Await.until("acknowledgements", LIMIT, () -> acknowledged() >= count, distribution::everything);
  }

  /** All modules are there and well, nobody sends any more, everything arrives. */
  private void drain(Outside module) {
    distribution.awaitReady();
    Await.until("deployed", LIMIT, () -> deployer.filter(Thread::isAlive).isEmpty());
    Distribution.Result result = plan().deploy(distribution);
    assertEquals(ExitCode.DONE, result.exitCode(), () -> result + distribution.everything());
    Path data = distribution.folder().data();
    PlantModules.calmSink(data);
    PlantModules.stopProducer(data);
    module.stay();
    presses.forEach(press -> press.send(0));
    presses.forEach(press -> press.awaitAcknowledged(LIMIT, distribution::everything));
    Await.until(
        "the end of the producer",
        LIMIT,
        () -> PlantModules.isProducerStopped(data),
        distribution::everything);
    reports.awaitDrained(LIMIT);
  }

  /**
   * While nothing disturbs, the books have to be exact: what is not delivered after its time is
   * counted as expired. (A kill takes the counts with it.)
   */
  private long checkExpiry(Outside module) {
    Press press = presses.get(0);
    int begin = press.sent();
    int came = outside.distinct();
    long before = expired();
    module.leave();
    press.send(LAST);
    press.awaitAcknowledged(LIMIT, distribution::everything);
    awaitMoment(LONG_ABSENCE);
    module.stay();
    reports.awaitDrained(LIMIT);
    long named =
        IntStream.range(begin, press.sent())
            .mapToObj(Kind::of)
            .filter(kind -> kind == Kind.HIGH || kind == Kind.SHORT)
            .count();
    long expired = expired() - before;
    assertEquals(named, outside.distinct() - came + expired, "delivered or counted as expired");
    return expired;
  }

  private long expired() {
    JsonElement count = reports.status().getAsJsonObject("drops").get("ttl_expiry");
    return count == null ? 0 : count.getAsLong();
  }

  private void check(Outside module, long expiredAtLast) {
    upstream.read();
    SinkJournal.read(distribution.folder().data(), sink);
    int produced = PlantModules.produced(distribution.folder().data());
    int messages = produced;
    int expired = outside.close(ProducerModule.NAME, produced, this::mayHaveExpired);
    for (Press press : presses) {
      messages += press.sent();
      expired += outside.close(press.id(), press.sent(), this::mayHaveExpired);
    }
    List<String> problems = new ArrayList<>();
    int arrived = 0;
    int duplicates = 0;
    for (Arrivals arrivals : List.of(direct, filtered, sink, outside)) {
      if (arrivals != outside) {
        arrivals.close(ProducerModule.NAME, produced, Excuse.NONE);
        presses.forEach(press -> arrivals.close(press.id(), press.sent(), Excuse.NONE));
      }
      problems.addAll(arrivals.problems());
      arrived += arrivals.count();
      duplicates += arrivals.duplicates();
    }
    System.out.printf(
        "%d kills, seed %d: %d messages of %d senders over %d connections, %d deployments,"
            + " %d visits; %d deliveries, %d more than once, %d expired, %d of them at last%n",
        rounds,
        seed,
        messages,
        presses.size() + 1,
        presses.stream().mapToInt(Press::connections).sum(),
        deployments,
        module.visits(),
        arrived,
        duplicates,
        expired,
        expiredAtLast);
    assertTrue(
        problems.isEmpty(),
        () -> String.join("\n", problems) + "\nseed " + seed + "\n" + distribution.everything());
  }

  /**
   * Only a message with a time to live may be missing, and only if its time was over when the next
   * one of its kind was handed over. When the producer sent one is not known.
   */
  private boolean mayHaveExpired(Item item, OptionalLong overtaken) {
    if (item.kind() != Kind.SHORT) {
      return false;
    }
    Optional<Press> sender =
        presses.stream().filter(press -> press.id().equals(item.sender())).findFirst();
    if (sender.isEmpty() || overtaken.isEmpty()) {
      return true;
    }
    long lived = overtaken.getAsLong() - sender.get().sentAt(item.number());
    return lived >= TIME_TO_LIVE.minus(ROUNDING).toNanos();
  }
}
