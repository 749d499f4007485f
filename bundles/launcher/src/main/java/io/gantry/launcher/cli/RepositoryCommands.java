package io.gantry.launcher.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.spi.ToolProvider;

/** {@code gantry repository}: where modules come from. */
final class RepositoryCommands {

  private static final String PATH = "/v1/repositories";
  private static final String INDEXER = "gantry-repository-index";
  private static final String INDEXER_JARS = "io.gantry.module.host*.jar";

  private static final byte[] NO = new byte[0];

  private final Arguments arguments;
  private final Environment environment;
  private final Client client;

  RepositoryCommands(Arguments arguments, Environment environment, Client client) {
    this.arguments = arguments;
    this.environment = environment;
    this.client = client;
  }

  int execute() throws CommandException {
    return switch (arguments.action()) {
      case "add" -> client.tell(addressed("add").with("signed", arguments.has("--signed")), NO, 0);
      case "remove" -> client.tell(addressed("remove"), NO, 0);
      case "gc" -> client.tell(PATH + "/collect", NO, 0);
      case "index" -> index();
      default -> client.show(new Query(PATH).with("zone", ZoneId.systemDefault()), 0);
    };
  }

  private Query addressed(String action) {
    return new Query(PATH + "/" + action).with("address", address(arguments.operand(0)));
  }

  /** The instance has a working folder of its own: a path is sent whole. */
  private static String address(String given) {
    return given.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")
        ? given
        : Path.of(given).toAbsolutePath().normalize().toString();
  }

  /** Needs no instance: the tool is in the jar of the bundle that reads indexes. */
  private int index() throws CommandException {
    String folder = Path.of(arguments.operand(0)).toAbsolutePath().normalize().toString();
    List<String> words = new ArrayList<>(List.of(folder));
    if (arguments.has("--gzip")) {
      words.add("--gzip");
    }
    try (URLClassLoader loader = new URLClassLoader(jars(), getClass().getClassLoader())) {
      ToolProvider tool =
          ServiceLoader.load(ToolProvider.class, loader).stream()
              .map(ServiceLoader.Provider::get)
              .filter(one -> one.name().equals(INDEXER))
              .findFirst()
              .orElseThrow(() -> CommandException.failed("there is no indexer in " + system()));
      int code =
          tool.run(
              new PrintWriter(environment.out(), true),
              new PrintWriter(environment.err(), true),
              words.toArray(String[]::new));
      return code == 0 ? ExitCode.DONE : ExitCode.FAILED;
    } catch (IOException e) {
      throw CommandException.failed("cannot read the indexer in " + system() + ": " + e);
    }
  }

  private Path system() {
    return environment.home().resolve("system");
  }

  private URL[] jars() throws IOException {
    List<URL> jars = new ArrayList<>();
    if (Files.isDirectory(system())) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(system(), INDEXER_JARS)) {
        for (Path file : files) {
          jars.add(file.toUri().toURL());
        }
      }
    }
    return jars.toArray(URL[]::new);
  }
}
