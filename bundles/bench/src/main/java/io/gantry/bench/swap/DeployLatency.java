package io.gantry.bench.swap;

import com.google.gson.JsonElement;
import com.sun.net.httpserver.HttpServer;
import io.gantry.bench.process.Gateway;
import io.gantry.bench.process.GatewayFolder;
import io.gantry.bench.process.JavaRuntime;
import io.gantry.bench.process.TemporaryFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * How long it takes from asking for a deployment until a module of 100 kB that the gateway has
 * never seen runs: out of a folder, and by HTTP from this machine; as a new module each time, and
 * as a new version of one that runs. Then what a gateway takes that only watches twenty modules,
 * beside one that has none.
 */
public final class DeployLatency {

  private static final int BYTES = 100_000;
  private static final int MODULES = 20;
  private static final int WARM = 10;

  private DeployLatency() {}

  /**
   * {@code -Druns=50 -Didle=60}: how many deployments of each kind after ten that do not count, and
   * how many seconds of idling; {@code -Dparts=folder,http,idle} for some of it.
   */
  public static void main(String[] arguments) throws Exception {
    int runs = Integer.getInteger("runs", 50);
    try (TemporaryFolder temporary = new TemporaryFolder("deploy")) {
      Jars jars = new Jars(temporary.path());
      for (int i = 0; i < 2 * (runs + WARM) + 1; i++) {
        jars.idle("1.0." + i, BYTES);
      }
      Path index = jars.index();
      List<String> parts = List.of(System.getProperty("parts", "folder,http,idle").split(","));
      if (parts.contains("folder")) {
        measure("folder", index.toString(), runs);
      }
      if (parts.contains("http")) {
        overHttp(temporary.path(), runs);
      }
      if (parts.contains("idle")) {
        Duration idle = Duration.ofSeconds(Integer.getInteger("idle", 60));
        idle(index, 0, idle);
        idle(index, MODULES, idle);
      }
    }
  }

  private static void overHttp(Path jars, int runs) throws Exception {
    HttpServer server = serve(jars);
    try {
      measure("HTTP", "http://127.0.0.1:" + server.getAddress().getPort() + "/index.xml", runs);
    } finally {
      server.stop(0);
    }
  }

  private static HttpServer serve(Path folder) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] file =
              Files.readAllBytes(folder.resolve(exchange.getRequestURI().getPath().substring(1)));
          exchange.sendResponseHeaders(200, file.length);
          exchange.getResponseBody().write(file);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static void measure(String name, String repository, int runs) throws Exception {
    try (GatewayFolder folder = GatewayFolder.of(GatewayFolder.home())) {
      folder.withRepository(repository).withManifest(new Plan().toString());
      try (Gateway gateway = Gateway.start(folder, JavaRuntime.ofProperties())) {
        List<Long> fresh = new ArrayList<>();
        for (int i = 0; i < runs + WARM; i++) {
          fresh.add(deploy(gateway, one(i)));
          gateway.deploy(new Plan().toString());
        }
        System.out.println(counted(fresh).row("a new module, " + name));
        List<Long> newer = new ArrayList<>();
        gateway.deploy(one(runs + WARM).toString());
        for (int i = 0; i < runs + WARM; i++) {
          newer.add(deploy(gateway, one(runs + WARM + 1 + i)));
        }
        System.out.println(counted(newer).row("a new version of one that runs, " + name));
      }
    }
  }

  private static Sample counted(List<Long> all) {
    return Sample.of(all.subList(WARM, all.size()));
  }

  private static Plan one(int version) {
    return new Plan().module("idle", Jars.IDLE + ":1.0." + version, Map.of(), false);
  }

  private static long deploy(Gateway gateway, Plan plan) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    gateway.deploy(plan.toString());
    long took = System.nanoTime() - begin;
    requireRunning(gateway, 1);
    return took;
  }

  private static void requireRunning(Gateway gateway, int count) {
    List<String> running = new ArrayList<>();
    for (JsonElement module : gateway.status().getAsJsonArray("modules")) {
      if (module.getAsJsonObject().get("status").getAsString().equals("running")) {
        running.add(module.getAsJsonObject().get("name").getAsString());
      }
    }
    if (running.size() < count) {
      throw new IllegalStateException(
          "expected " + count + " running modules, found " + gateway.status().get("modules"));
    }
  }

  private static void idle(Path index, int modules, Duration idle) throws Exception {
    Plan plan = new Plan();
    for (int i = 0; i < modules; i++) {
      plan.module("idle" + i, Jars.IDLE + ":1.0.0", Map.of(), false);
    }
    try (GatewayFolder folder = GatewayFolder.of(GatewayFolder.home())) {
      folder.withRepository(index.toString()).withManifest(plan.toString());
      try (Gateway gateway = Gateway.start(folder, JavaRuntime.ofProperties())) {
        gateway.deploy(plan.toString());
        requireRunning(gateway, modules);
        // What follows a start is over then; after that there is nothing to wait for but the time.
        new CountDownLatch(1).await(15, TimeUnit.SECONDS);
        Duration before = gateway.figures().cpu();
        new CountDownLatch(1).await(idle.toMillis(), TimeUnit.MILLISECONDS);
        Duration used = gateway.figures().cpu().minus(before);
        System.out.printf(
            Locale.ROOT,
            "%d modules, idle for %d s: %.2f %% of a core, RSS %.1f MB%n",
            modules,
            idle.toSeconds(),
            100.0 * used.toNanos() / idle.toNanos(),
            gateway.figures().resident() / 1e6);
      }
    }
  }
}
