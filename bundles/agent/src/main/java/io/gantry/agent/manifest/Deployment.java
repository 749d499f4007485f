package io.gantry.agent.manifest;

import io.gantry.spi.module.RepositoryLogin;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A manifest that was understood. Two manifests that differ only in layout give equal deployments.
 *
 * @param runtime section {@code runtime}
 * @param edgeAgent the agent as declared
 * @param edgeHub the hub as declared
 * @param modules the modules by name
 * @param hubDesired JSON object: the desired properties of {@code $edgeHub}, not yet checked
 * @param moduleDesired JSON objects: the desired properties of modules, by name, for those modules
 *     that are declared and whose properties are
 * @param rollback how long a new version has to become healthy before the deployment returns to the
 *     one before it; empty when it never does so by itself
 * @param warnings what was accepted and has no effect
 */
public record Deployment(
    RuntimeSection runtime,
    SystemModule edgeAgent,
    SystemModule edgeHub,
    SortedMap<String, DeclaredModule> modules,
    String hubDesired,
    SortedMap<String, String> moduleDesired,
    Optional<Duration> rollback,
    List<String> warnings)
    implements ParsedManifest {

  public Deployment {
    modules =
        Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, DeclaredModule>) modules));
    moduleDesired =
        Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, String>) moduleDesired));
    warnings = List.copyOf(warnings);
  }

  /** Who the gateway is for repositories. */
  public List<RepositoryLogin> logins() {
    return runtime.credentials().stream().map(RegistryCredential::login).toList();
  }

  @Override
  public String toString() {
    return "Deployment" + modules.keySet();
  }
}
