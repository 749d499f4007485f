package io.gantry.bench.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Gantry as it ships, started by its own script. */
public final class Gateway implements Broker {

  private final GatewayFolder folder;
  private final Management management;
  private final Process process;
  private final Map<String, String> endpoints;
  private final Duration startTime;

  private Gateway(
      GatewayFolder folder, Process process, Map<String, String> endpoints, Duration startTime)
      throws IOException {
    this.folder = folder;
    this.management = new Management(folder.data());
    this.process = process;
    this.endpoints = endpoints;
    this.startTime = startTime;
  }

  /**
   * Starts one and waits until it says that it is ready, which it does when the deployment was
   * carried out.
   *
   * @param java what it runs on
   */
  public static Gateway start(GatewayFolder folder, JavaRuntime java) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(folder.command("run"));
    java.into(builder.environment());
    builder.redirectErrorStream(true);
    long begin = System.nanoTime();
    Process process = builder.start();
    BufferedReader output = process.inputReader(UTF_8);
    List<String> said = new ArrayList<>();
    Map<String, String> endpoints = new LinkedHashMap<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      said.add(line);
      if (line.startsWith("Gantry ") && line.endsWith(" is ready")) {
        Duration startTime = Duration.ofNanos(System.nanoTime() - begin);
        readEndpoints(output, endpoints);
        return new Gateway(folder, process, endpoints, startTime);
      }
    }
    process.destroy();
    throw new IOException("the gateway did not get ready, but said: " + said);
  }

  /** The indented lines that follow, each a name and an address. */
  private static void readEndpoints(BufferedReader output, Map<String, String> endpoints)
      throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      String[] words = line.strip().split(" +", 2);
      if (words.length < 2) {
        return;
      }
      endpoints.put(words[0], words[1]);
    }
  }

  /** From the start of the script until it said that the gateway is ready. */
  public Duration startTime() {
    return startTime;
  }

  /** What {@code gantry status --json} says. */
  public JsonObject status() {
    try {
      Process command = new ProcessBuilder(folder.command("status", "--json")).start();
      try (BufferedReader output = command.inputReader(UTF_8)) {
        return JsonParser.parseReader(output).getAsJsonObject();
      }
    } catch (IOException e) {
      throw new IllegalStateException("gantry status could not be run", e);
    }
  }

  /** The process. */
  public Process process() {
    return process;
  }

  @Override
  public int port() {
    return port("mqtt");
  }

  /** Where it listens for MQTT over TLS. */
  public int tlsPort() {
    return port("mqtts");
  }

  private int port(String protocol) {
    String endpoint = endpoints.get(protocol);
    if (endpoint == null) {
      throw new IllegalStateException(
          "the gateway does not listen for " + protocol + "; it has " + endpoints);
    }
    return URI.create(endpoint).getPort();
  }

  /** Asks for a deployment by the management API, as the command does, until it is carried out. */
  public void deploy(String manifest) throws IOException, InterruptedException {
    management.deploy(manifest);
  }

  @Override
  public List<Account> accounts(String prefix, int count) throws IOException {
    return management.create(IntStream.rangeClosed(1, count).mapToObj(i -> prefix + i).toList());
  }

  @Override
  public ProcessFigures figures() {
    return new ProcessFigures(process.pid());
  }

  @Override
  public String check(long acknowledged) {
    JsonObject status = status();
    long appended = status.getAsJsonObject("store").get("appended").getAsLong();
    if (appended < acknowledged) {
      throw new IllegalStateException(
          acknowledged + " messages were acknowledged, but only " + appended + " are stored");
    }
    return "stored " + appended + " of " + acknowledged + " acknowledged";
  }

  /** Stops it in order, which takes its class data archive along, and waits. */
  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
