package io.gantry.launcher.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** {@code gantry certificate}: what this gateway shows to its clients. */
final class CertificateCommands {

  private static final String PATH = "/v1/certificate";

  private final Arguments arguments;
  private final Client client;

  CertificateCommands(Arguments arguments, Client client) {
    this.arguments = arguments;
    this.client = client;
  }

  int execute() throws CommandException {
    return switch (arguments.action()) {
      case "renew" -> client.tell(PATH + "/renew");
      case "export-ca" -> export();
      default -> client.show(PATH);
    };
  }

  private int export() throws CommandException {
    Optional<String> file = arguments.value("--out");
    if (file.isEmpty()) {
      return client.show(PATH + "/authority");
    }
    String certificate = client.ask(PATH + "/authority").body();
    try {
      Files.writeString(Path.of(file.get()), certificate);
    } catch (NoSuchFileException e) {
      throw CommandException.failed(
          "cannot write the certificate into " + file.get() + ": there is no such folder");
    } catch (IOException e) {
      throw CommandException.failed("cannot write the certificate into " + file.get() + ": " + e);
    }
    return ExitCode.DONE;
  }
}
