package io.gantry.bench.mqtt;

import io.gantry.bench.process.Broker;
import io.gantry.bench.process.Gateway;
import io.gantry.bench.process.GatewayFolder;
import io.gantry.bench.process.JavaRuntime;
import io.gantry.bench.process.Mosquitto;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * QoS 1 on topics that are not the hub's, one subscriber for each publisher, clean sessions: the
 * rate at which messages arrive, and how long they take at half of the slower broker's rate. Gantry
 * and a Mosquitto without persistence run side by side and take turns.
 */
public final class FreeTopics {

  private static final String MOSQUITTO = "mosquitto, no persistence";
  private static final String GANTRY = "Gantry";

  private final int rounds = Integer.getInteger("rounds", 3);
  private final int pairs = Integer.getInteger("pairs", 4);
  private final int payload = Integer.getInteger("payload", 256);
  private final int window = Integer.getInteger("window", 100);
  private final Duration warmUp = Duration.ofSeconds(Integer.getInteger("warmUp", 6));
  private final Duration measured = Duration.ofSeconds(Integer.getInteger("measured", 5));
  private final Duration soak = Duration.ofSeconds(Integer.getInteger("soak", 0));

  private FreeTopics() {}

  /**
   * {@code -Drounds=3 -Dpairs=4 -Dpayload=256 -Dwindow=100 -DwarmUp=6 -Dmeasured=5}; {@code
   * -Drate=} sets another rate than half of the slower's; with {@code -Dsoak=180} Gantry alone is
   * flooded for so many seconds, and its memory looked at every ten.
   */
  public static void main(String[] arguments) throws Exception {
    new FreeTopics().run();
  }

  private void run() throws Exception {
    try (GatewayFolder folder =
            GatewayFolder.of(GatewayFolder.home())
                .withRoutes(Map.of())
                .withTopicRule("* use line/#");
        Gateway gateway = Gateway.start(folder, JavaRuntime.ofProperties())) {
      if (!soak.isZero()) {
        soak(gateway);
        return;
      }
      try (Mosquitto mosquitto = Mosquitto.start(Mosquitto.program().orElseThrow())) {
        Map<String, Broker> brokers = new LinkedHashMap<>();
        brokers.put(MOSQUITTO, mosquitto);
        brokers.put(GANTRY, gateway);
        compare(brokers);
      }
    }
  }

  private void compare(Map<String, Broker> brokers) throws IOException {
    Map<String, PairLoad> loads = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Broker> broker : brokers.entrySet()) {
        PairLoad load = new PairLoad(broker.getValue(), pairs, payload, window);
        loads.put(broker.getKey(), load);
        load.flood(warmUp);
      }
      Map<String, Figures> floods = rounds(loads, "flood", load -> load.flood(measured));
      double half = floods.values().stream().mapToDouble(Figures::rate).min().orElseThrow() / 2;
      double rate = Integer.getInteger("rate", (int) half);
      for (PairLoad load : loads.values()) {
        load.pace(rate, warmUp.dividedBy(2));
      }
      rounds(
          loads,
          String.format(Locale.ROOT, "%,.0f a second", rate),
          load -> load.pace(rate, measured));
    } finally {
      for (PairLoad load : loads.values()) {
        load.close();
      }
    }
  }

  @FunctionalInterface
  private interface Run {
    Figures on(PairLoad load) throws IOException;
  }

  private Map<String, Figures> rounds(Map<String, PairLoad> loads, String name, Run run)
      throws IOException {
    System.out.println(name + "\n" + Figures.HEADER);
    Map<String, List<Figures>> all = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<String, PairLoad> load : loads.entrySet()) {
        Figures figures = run.on(load.getValue());
        System.out.println(figures.row(load.getKey()));
        all.computeIfAbsent(load.getKey(), none -> new ArrayList<>()).add(figures);
      }
    }
    Map<String, Figures> medians = new LinkedHashMap<>();
    all.forEach((broker, figures) -> medians.put(broker, Figures.median(figures)));
    System.out.println("medians");
    medians.forEach((broker, figures) -> System.out.println(figures.row(broker)));
    Figures base = medians.get(MOSQUITTO);
    Figures own = medians.get(GANTRY);
    System.out.printf(
        Locale.ROOT,
        "rate x %.2f, p50 x %.2f, p99 x %.2f%n",
        own.rate() / base.rate(),
        own.p50() / base.p50(),
        own.p99() / base.p99());
    return medians;
  }

  private void soak(Broker gateway) throws IOException {
    System.out.println(Figures.HEADER);
    Duration step = Duration.ofSeconds(10);
    try (PairLoad load = new PairLoad(gateway, pairs, payload, window)) {
      for (Duration gone = Duration.ZERO; gone.compareTo(soak) < 0; gone = gone.plus(step)) {
        System.out.println(load.flood(step).row("after " + gone.plus(step).toSeconds() + " s"));
      }
    }
  }
}
