package io.gantry.agent.loop;

import io.gantry.agent.manifest.ManifestReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** The manifest file that is used when none was ever deployed. */
final class InitialDeployment {

  private InitialDeployment() {}

  /** Its text; empty when there is none or it cannot be read, which the log says. */
  static Optional<String> read(Path file) {
    try {
      long size = Files.size(file);
      if (size > ManifestReader.LONGEST) {
        throw new IOException(
            "expected at most " + ManifestReader.LONGEST + " bytes, found " + size);
      }
      return Optional.of(Files.readString(file));
    } catch (NoSuchFileException e) {
      AgentLog.noInitialDeployment(file);
    } catch (IOException e) {
      AgentLog.unreadable(file, e);
    }
    return Optional.empty();
  }
}
