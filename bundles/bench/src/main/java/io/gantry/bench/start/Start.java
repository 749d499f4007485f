package io.gantry.bench.start;

import com.google.gson.JsonElement;
import io.gantry.bench.process.Gateway;
import io.gantry.bench.process.GatewayFolder;
import io.gantry.bench.process.JavaRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * How long the packaged gateway takes until all modules of the sample deployment run, and what it
 * takes of the machine when it has nothing to do but the samples. The first start is that of a new
 * gateway; the others find the class data archive and the deployment that it has left.
 */
public final class Start {

  private static final double MILLIS = 1e6;
  private static final String HEADER =
      String.format(
          Locale.ROOT,
          "%-10s %10s %8s %9s %8s %12s",
          "",
          "ready ms",
          "CPU ms",
          "RSS MB",
          "threads",
          "idle CPU %");

  /** One start: until ready, and after a while of idling. */
  private record Figures(double ready, double cpu, double resident, double threads, double idle) {

    String row(String name) {
      return String.format(
          Locale.ROOT,
          "%-10s %,10.0f %,8.0f %9.1f %8.0f %12.2f",
          name,
          ready,
          cpu,
          resident,
          threads,
          idle);
    }

    static Figures median(List<Figures> all) {
      return new Figures(
          median(all, Figures::ready),
          median(all, Figures::cpu),
          median(all, Figures::resident),
          median(all, Figures::threads),
          median(all, Figures::idle));
    }

    private static double median(List<Figures> all, ToDoubleFunction<Figures> column) {
      double[] sorted = all.stream().mapToDouble(column).toArray();
      Arrays.sort(sorted);
      return sorted[sorted.length / 2];
    }
  }

  private Start() {}

  /** {@code -Drounds=5 -Didle=20}: how many warm starts, and how many seconds each idles. */
  public static void main(String[] arguments) throws Exception {
    Duration idle = Duration.ofSeconds(Integer.getInteger("idle", 20));
    Path home = GatewayFolder.home();
    System.out.println(HEADER);
    List<Figures> warm = new ArrayList<>();
    try (GatewayFolder folder = GatewayFolder.of(home)) {
      System.out.println(once(folder, idle).row("first"));
      for (int i = 0; i < Integer.getInteger("rounds", 5); i++) {
        Figures figures = once(folder, idle);
        warm.add(figures);
        System.out.println(figures.row("warm"));
      }
    }
    System.out.println(Figures.median(warm).row("median"));
  }

  private static Figures once(GatewayFolder folder, Duration idle)
      throws IOException, InterruptedException {
    try (Gateway gateway = Gateway.start(folder, JavaRuntime.ofProperties())) {
      Duration cpu = gateway.figures().cpu();
      requireModules(gateway);
      Duration before = gateway.figures().cpu();
      // Nothing to wait for but the time itself.
      new CountDownLatch(1).await(idle.toMillis(), TimeUnit.MILLISECONDS);
      Duration used = gateway.figures().cpu().minus(before);
      return new Figures(
          gateway.startTime().toNanos() / MILLIS,
          cpu.toNanos() / MILLIS,
          gateway.figures().resident() / 1e6,
          gateway.figures().threads(),
          100.0 * used.toNanos() / idle.toNanos());
    }
  }

  /** A start that leaves something out must not look like a quick one. */
  private static void requireModules(Gateway gateway) {
    for (JsonElement module : gateway.status().getAsJsonArray("modules")) {
      String status = module.getAsJsonObject().get("status").getAsString();
      if (!status.equals("running")) {
        throw new IllegalStateException("not every module runs: " + module);
      }
    }
  }
}
