package io.gantry.bench.mqtt;

import io.gantry.bench.process.Broker;
import io.gantry.bench.process.Gateway;
import io.gantry.bench.process.GatewayFolder;
import io.gantry.bench.process.JavaRuntime;
import io.gantry.bench.process.Mosquitto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How many QoS 1 messages a second are acknowledged: by Gantry, which acknowledges what is stored
 * on disk, and by a Mosquitto beside it, which stores nothing. The brokers take turns, so that a
 * busy minute of the machine hits both.
 */
public final class Ingest {

  private static final String MOSQUITTO = "mosquitto, no persistence";
  private static final String UPSTREAM = "Gantry, into $upstream";
  private static final String INPUT = "Gantry, into a waiting queue";

  private final Workload workload;
  private final Map<String, List<Figures>> rounds = new LinkedHashMap<>();

  private Ingest(Workload workload) {
    this.workload = workload;
  }

  /**
   * Runs all of it; {@code -Drounds}, {@code -Dtargets} and those of {@link Workload} change it.
   */
  public static void main(String[] arguments) throws Exception {
    new Ingest(Workload.ofProperties()).runAll();
  }

  private void runAll() throws Exception {
    Map<String, Target> targets = targets();
    System.out.println(workload + "\n" + Figures.HEADER);
    for (int round = 0; round < Integer.getInteger("rounds", 3); round++) {
      for (Target target : targets.values()) {
        target.run();
      }
    }
    printMedians();
  }

  /** One round with one broker, started for it. */
  @FunctionalInterface
  private interface Target {
    void run() throws Exception;
  }

  private void mosquitto(Path program) throws IOException, InterruptedException {
    try (Broker broker = Mosquitto.start(program)) {
      run(MOSQUITTO, broker);
    }
  }

  private void gateway(Path home, String name, String route) throws IOException {
    try (GatewayFolder folder = GatewayFolder.of(home).withRoutes(Map.of("all", route));
        Broker broker = Gateway.start(folder, JavaRuntime.ofProperties())) {
      run(name, broker);
    }
  }

  private void run(String name, Broker broker) throws IOException {
    long acknowledged;
    try (Load load = Load.on(broker, workload)) {
      Figures figures = load.run();
      rounds.computeIfAbsent(name, none -> new ArrayList<>()).add(figures);
      acknowledged = load.acknowledged();
      System.out.println(figures.row(name));
    }
    String checked = broker.check(acknowledged);
    if (!checked.isEmpty()) {
      System.out.println("  " + checked);
    }
  }

  private void printMedians() {
    System.out.println("medians\n" + Figures.HEADER);
    rounds.forEach((name, all) -> System.out.println(Figures.median(all).row(name)));
    List<Figures> compared = rounds.get(MOSQUITTO);
    if (compared != null) {
      double base = Figures.median(compared).rate();
      rounds.forEach(
          (name, all) ->
              System.out.printf(
                  Locale.ROOT, "%-28s x %.2f%n", name, Figures.median(all).rate() / base));
    }
  }

  private Map<String, Target> targets() throws IOException {
    String wanted = System.getProperty("targets", "mosquitto,input,upstream");
    Map<String, Target> targets = new LinkedHashMap<>();
    if (wanted.contains("mosquitto")) {
      Optional<Path> program = Mosquitto.program();
      if (program.isPresent()) {
        targets.put(MOSQUITTO, () -> mosquitto(program.get()));
      } else {
        System.out.println(
            "There is no mosquitto on this machine (Debian: package mosquitto), so nothing is"
                + " compared.");
      }
    }
    if (wanted.contains("input")) {
      // A module that is not deployed: its messages are stored and wait.
      String route = "FROM /messages/* INTO BrokeredEndpoint(\"/modules/absent/inputs/in1\")";
      Path home = GatewayFolder.home();
      targets.put(INPUT, () -> gateway(home, INPUT, route));
    }
    if (wanted.contains("upstream")) {
      Path home = GatewayFolder.home();
      targets.put(UPSTREAM, () -> gateway(home, UPSTREAM, "FROM /messages/* INTO $upstream"));
    }
    return targets;
  }
}
