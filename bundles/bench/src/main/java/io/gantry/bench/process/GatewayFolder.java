package io.gantry.bench.process;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Configuration and data of a gateway that is measured; deleted afterwards. */
public final class GatewayFolder implements AutoCloseable {

  private final Path home;
  private final TemporaryFolder folder;

  private GatewayFolder(Path home, TemporaryFolder folder) {
    this.home = home;
    this.folder = folder;
  }

  /**
   * Copies the configuration of the unpacked distribution and makes it listen on free ports.
   *
   * @param home the distribution
   */
  public static GatewayFolder of(Path home) throws IOException {
    GatewayFolder made = new GatewayFolder(home, new TemporaryFolder("gateway"));
    Files.createDirectory(made.conf());
    Files.createDirectory(made.data());
    try (Stream<Path> files = Files.list(home.resolve("conf"))) {
      for (Path file : files.toList()) {
        Files.copy(file, made.conf().resolve(file.getFileName()));
      }
    }
    made.edit("gantry.json", "\"port\": 1883", "\"port\": 0");
    made.edit("gantry.json", "\"tlsPort\": 8883", "\"tlsPort\": 0");
    made.edit("gantry.json", "\"port\": 443", "\"port\": 0");
    made.edit(
        "gantry.json", "\"org.osgi.service.http.port\": 8080", "\"org.osgi.service.http.port\": 0");
    // A run leaves more behind than the bound of a real gateway allows.
    made.edit("gantry.json", "\"maxBytes\": 1073741824", "\"maxBytes\": 8589934592");
    return made;
  }

  /** The distribution: {@code -Dgantry.home}, or what the build made here. */
  public static Path home() throws IOException {
    String given = System.getProperty("gantry.home");
    if (given != null) {
      return Path.of(given).toAbsolutePath();
    }
    Path target = Path.of("distribution", "target");
    if (Files.isDirectory(target)) {
      try (Stream<Path> folders = Files.list(target)) {
        List<Path> found =
            folders.filter(folder -> Files.isExecutable(folder.resolve("bin/gantry"))).toList();
        if (found.size() == 1) {
          return found.get(0).toAbsolutePath();
        }
      }
    }
    throw new IOException(
        "expected one unpacked distribution in "
            + target.toAbsolutePath()
            + "; build it, or say -Dgantry.home=FOLDER");
  }

  /** Replaces the sample deployment by one that has no modules and these routes. */
  public GatewayFolder withRoutes(Map<String, String> routes) throws IOException {
    Path file = conf().resolve("deployment.json");
    JsonObject manifest = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    JsonObject content = manifest.getAsJsonObject("modulesContent");
    desired(content, "$edgeAgent").add("modules", new JsonObject());
    JsonObject texts = new JsonObject();
    routes.forEach(texts::addProperty);
    desired(content, "$edgeHub").add("routes", texts);
    Files.writeString(file, manifest.toString());
    return this;
  }

  private static JsonObject desired(JsonObject content, String module) {
    return content.getAsJsonObject(module).getAsJsonObject("properties.desired");
  }

  /** Begins with this deployment instead of the sample. */
  public GatewayFolder withManifest(String manifest) throws IOException {
    Files.writeString(conf().resolve("deployment.json"), manifest);
    return this;
  }

  /** Takes modules from here, and from nowhere else. */
  public GatewayFolder withRepository(String address) throws IOException {
    return edit("gantry.json", "$[prop:gantry.home]/repository/index.xml", address);
  }

  /** Lets in so many clients from one address. */
  public GatewayFolder withConnections(int most) throws IOException {
    edit("gantry.json", "\"maxConnections\": 1000", "\"maxConnections\": " + most);
    String perAddress = "\"maxConnectionsPerAddress\": ";
    return edit("gantry.json", perAddress + "1000", perAddress + most);
  }

  /** Adds a rule for free topics. */
  public GatewayFolder withTopicRule(String rule) throws IOException {
    String first = "\"* use {deviceid}/#\",";
    return edit("gantry.json", first, first + "\n      \"" + rule + "\",");
  }

  /** Shows this certificate instead of one that the gateway makes. */
  public GatewayFolder with(ServerCertificate certificate) throws IOException {
    edit(
        "gantry.json",
        "\"certificate\": \"\"",
        "\"certificate\": \"" + certificate.certificate() + "\"");
    return edit("gantry.json", "\"key\": \"\"", "\"key\": \"" + certificate.key() + "\"");
  }

  /** Replaces a text that must be there. */
  public GatewayFolder edit(String file, String from, String to) throws IOException {
    Path path = conf().resolve(file);
    String text = Files.readString(path);
    if (!text.contains(from)) {
      throw new IOException(file + " of the distribution: expected " + from);
    }
    Files.writeString(path, text.replace(from, to));
    return this;
  }

  private Path conf() {
    return folder.path().resolve("conf");
  }

  /** Its data folder. */
  public Path data() {
    return folder.path().resolve("data");
  }

  List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin/gantry").toString());
    command.addAll(List.of(words));
    command.add("--data=" + data());
    if (words[0].equals("run")) {
      command.add("--conf=" + conf());
    }
    return command;
  }

  @Override
  public void close() {
    folder.close();
  }
}
