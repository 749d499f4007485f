package io.gantry.itest.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A copy of the distribution as the build made it, with data of its own, and with every port of its
 * configuration replaced by a free one.
 */
public final class Folder {

  private static final String BUILT = "gantry.distribution";

  private final Path home;
  private final Map<String, Integer> ports = new HashMap<>();

  private Folder(Path home) {
    this.home = home;
  }

  /** Copies the distribution into a folder that must not exist yet. */
  public static Folder copy(Path target) {
    try {
      copy(built(), target);
      Folder folder = new Folder(target);
      folder.freePorts();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the build made: the unpacked distribution. */
  public static Path built() {
    String folder = System.getProperty(BUILT);
    if (folder == null || !Files.isDirectory(Path.of(folder))) {
      throw new IllegalStateException(
          "no distribution at '" + folder + "': run the tests with mvnw verify");
    }
    return Path.of(folder).toAbsolutePath().normalize();
  }

  /** The jars of the runtime, as they ship. */
  public static List<Path> systemJars() {
    return jars(built().resolve("system"));
  }

  /** The jars of a folder, sorted. */
  public static List<Path> jars(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path relative = from.relativize(file);
        if (!relative.startsWith("data")) {
          Path copy = to.resolve(relative.toString());
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  /** Ports of this copy's own, and nothing that others could reach. */
  private void freePorts() throws IOException {
    Json configuration = configuration();
    configuration.set("io.gantry.web", "host", "127.0.0.1");
    configuration.set("io.gantry.mqtt", "tlsHost", "127.0.0.1");
    configuration.set("io.gantry.mqtt", "tlsPort", 0);
    for (String pid : configuration.pids()) {
      for (String key : configuration.keys(pid)) {
        String name = Json.name(key);
        boolean isPort = name.equals("port") || name.endsWith(".port");
        // Zero asks for a free one already.
        if (isPort && configuration.number(pid, key) != 0) {
          int port = Ports.free();
          configuration.set(pid, key, port);
          ports.put(pid, port);
        }
      }
    }
  }

  private Json configuration() throws IOException {
    return Json.read(conf().resolve("gantry.json"));
  }

  /**
   * Sets one value of {@code conf/gantry.json}.
   *
   * @param key with or without a type behind a colon, as the Configurator reads it
   */
  public Folder configure(String pid, String key, Object value) {
    try {
      configuration().set(pid, key, value);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets every client use every free topic. */
  public Folder openTopics() {
    return configure("io.gantry.mqtt", "topicRules", List.of("* use #", "*/* use #"));
  }

  /** The port that this copy's configuration names for a PID. */
  public int port(String pid) {
    Integer port = ports.get(pid);
    if (port == null) {
      throw new IllegalArgumentException(
          "no port under " + pid + " in conf/gantry.json; there are " + ports);
    }
    return port;
  }

  /** Where it is. */
  public Path home() {
    return home;
  }

  /** Its configuration. */
  public Path conf() {
    return home.resolve("conf");
  }

  /** Its data. */
  public Path data() {
    return home.resolve("data");
  }

  /** Its module repository. */
  public Path repository() {
    return home.resolve("repository");
  }
}
