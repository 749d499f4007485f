package io.gantry.agent.manifest;

import java.util.List;
import java.util.Optional;

/**
 * The section {@code runtime}.
 *
 * @param type {@code bundle} or {@code docker}, as declared
 * @param minDockerVersion kept for the report
 * @param loggingOptions kept for the report
 * @param credentials logins at repositories
 */
public record RuntimeSection(
    String type,
    Optional<String> minDockerVersion,
    Optional<String> loggingOptions,
    List<RegistryCredential> credentials) {

  public RuntimeSection {
    credentials = List.copyOf(credentials);
  }
}
