package io.gantry.agent;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The agent's configuration, checked.
 *
 * @param initialDeployment the manifest that is used when none was ever deployed
 */
record AgentSettings(Optional<Path> initialDeployment) {

  static AgentSettings of(AgentConfiguration configuration) {
    String path = configuration.initialDeployment().strip();
    try {
      return new AgentSettings(path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path)));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "io.gantry.agent: initialDeployment: expected a path, found '" + path + "'", e);
    }
  }
}
