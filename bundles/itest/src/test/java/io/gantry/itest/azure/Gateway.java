package io.gantry.itest.azure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.ModuleClient;
import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Reports;
import io.gantry.itest.distribution.Reports.Event;
import io.gantry.testkit.security.FakeCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * The packaged gateway on an address of its own, and its operator: everything that is done to it is
 * done by the {@code gantry} command.
 */
final class Gateway implements AutoCloseable {

  /** The module that messages of these tests are routed to. */
  static final String SINK = "gateway/sink";

  /** Takes what any module sends on {@code output1}. */
  static final String INPUT = "input1";

  /** Takes what devices send with the property {@code leaf}. */
  static final String LEAF_INPUT = "leaf";

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final String DEPLOYMENT =
      """
      {"modulesContent": {
        "$edgeAgent": {"properties.desired": {
          "schemaVersion": "1.1",
          "runtime": {"type": "bundle"},
          "systemModules": {
            "edgeAgent": {"type": "bundle", "settings": {"image": "io.gantry.agent"}},
            "edgeHub": {"type": "bundle", "status": "running", "restartPolicy": "always",
              "settings": {"image": "io.gantry.hub"}}},
          "modules": {}}},
        "$edgeHub": {"properties.desired": {
          "schemaVersion": "1.1",
          "routes": {
            "outputs": "FROM /messages/modules/* WHERE $outputName = 'output1' INTO BrokeredEndpoint(\\"/modules/sink/inputs/input1\\")",
            "plain": "FROM /messages/* WHERE to = 'MQTT' INTO BrokeredEndpoint(\\"/modules/MQTT/inputs/input1\\")",
            "streams": "FROM /messages/* WHERE to = 'MQTT_WS' INTO BrokeredEndpoint(\\"/modules/MQTT_WS/inputs/input1\\")",
            "leaves": "FROM /messages/* WHERE IS_DEFINED(leaf) INTO BrokeredEndpoint(\\"/modules/sink/inputs/leaf\\")",
            "up": "FROM /messages/* WHERE NOT IS_DEFINED(leaf) INTO $upstream"},
          "storeAndForwardConfiguration": {"timeToLiveSecs": -1}}}}}
      """;

  private final Distribution distribution;
  private final Reports reports;
  private final Loopback loopback;
  private final AtomicInteger ids = new AtomicInteger();
  private final AtomicReference<Optional<String>> authority =
      new AtomicReference<>(Optional.empty());

  private Gateway(Distribution distribution, Loopback loopback) {
    this.distribution = distribution;
    this.reports = new Reports(distribution);
    this.loopback = loopback;
  }

  /** A copy in a folder that must not exist yet; nothing is started. */
  static Gateway in(Path folder) {
    Loopback loopback = Loopback.free();
    Distribution distribution = Distribution.in(folder).withoutArchive();
    Path conf = distribution.folder().conf();
    Path authorities = conf.resolve("devices.pem");
    try {
      Files.writeString(conf.resolve("deployment.json"), DEPLOYMENT);
      Files.writeString(authorities, Trust.pem(new FakeCertificates().authority().orElseThrow()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    distribution
        .folder()
        .configure("io.gantry.security", "hostName", loopback.address())
        .configure("io.gantry.security", "clientAuthorities", List.of(authorities.toString()))
        .configure("io.gantry.mqtt", "tlsHost", loopback.address())
        .configure("io.gantry.mqtt", "tlsPort", Loopback.MQTT_PORT)
        .configure("io.gantry.web", "host", loopback.address());
    if (loopback.https()) {
      distribution.folder().configure("io.gantry.web", "port", Loopback.HTTPS_PORT);
    }
    return new Gateway(distribution, loopback);
  }

  void start() {
    distribution.start();
    if (authority.get().isEmpty()) {
      authority.set(Optional.of(run("certificate", "export-ca")));
    }
  }

  /** Ends it as a service manager does. */
  void terminate() {
    assertEquals(0, distribution.terminate(), distribution::everything);
  }

  /** Ends it as a power cut does. */
  void kill() {
    distribution.kill();
  }

  /** Runs a command that must end well; answers what it printed. */
  String run(String... words) {
    Distribution.Result result = distribution.cli(words);
    assertEquals(0, result.exitCode(), () -> result + "\n" + distribution.everything());
    return result.out();
  }

  /** Runs a command that may end as it likes. */
  Distribution.Result attempt(String... words) {
    return distribution.cli(words);
  }

  /** Runs a command that must end well; reads what it printed. */
  JsonObject json(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--json");
    return JsonParser.parseString(run(all.toArray(String[]::new))).getAsJsonObject();
  }

  /** The plain door, for clients that are no SDK. */
  int plainPort() {
    return distribution.folder().port("io.gantry.mqtt");
  }

  Loopback loopback() {
    return loopback;
  }

  /** An id that no other test has. */
  String newId(String prefix) {
    return prefix + ids.incrementAndGet();
  }

  /** Creates an identity; answers its connection string as the operator gets it. */
  String create(String identity, String... options) {
    List<String> words = new ArrayList<>(List.of("identity", "create", identity));
    words.add("--connection-string");
    words.addAll(List.of(options));
    return run(words.toArray(String[]::new)).strip();
  }

  /** The connection string of one that may have been created before. */
  String connection(String identity) {
    Distribution.Result known = attempt("identity", "show", identity, "--connection-string");
    return known.exitCode() == 0 ? known.out().strip() : create(identity);
  }

  /** The connection string of a device that takes the gateway for the hub itself. */
  String withoutHub(String id) {
    String own = connection(id);
    int gatewayName = own.indexOf(";GatewayHostName=");
    return own.substring(0, gatewayName)
        .replaceFirst("HostName=[^;]*", "HostName=" + loopback.address());
  }

  /** Its address for an SDK that asks for it by a transport. */
  private String reachable(String connection, IotHubClientProtocol protocol) {
    boolean port = protocol == IotHubClientProtocol.MQTT_WS && !loopback.https();
    return port ? connection + ":" + distribution.folder().port("io.gantry.web") : connection;
  }

  /** TLS that trusts this gateway and shows nothing. */
  ClientOptions options() {
    return ClientOptions.builder().sslContext(Trust.in(authority())).build();
  }

  String authority() {
    return authority.get().orElseThrow();
  }

  /** A device that is known; not connected yet. */
  Sdk<DeviceClient> device(String connection, IotHubClientProtocol protocol) {
    return device(connection, protocol, options());
  }

  Sdk<DeviceClient> device(
      String connection, IotHubClientProtocol protocol, ClientOptions options) {
    return new Sdk<>(new DeviceClient(reachable(connection, protocol), protocol, options));
  }

  /** A module that is known; not connected yet. */
  Sdk<ModuleClient> module(String connection, IotHubClientProtocol protocol) {
    return new Sdk<>(new ModuleClient(reachable(connection, protocol), protocol, options()));
  }

  /** What went upstream from a device, or a module of it. */
  List<Event> events(Predicate<Event> wanted) {
    return reports.events().stream().filter(wanted).toList();
  }

  /** Waits for something to go upstream. */
  Event awaitEvent(String what, Predicate<Event> wanted) {
    AtomicReference<List<Event>> found = new AtomicReference<>(List.of());
    Await.until(
        what,
        LIMIT,
        () -> {
          found.set(events(wanted));
          return !found.get().isEmpty();
        },
        distribution::everything);
    return found.get().get(0);
  }

  /** All that it said, for the text of an error. */
  String everything() {
    return distribution.everything();
  }

  @Override
  public void close() {
    distribution.close();
  }
}
