package io.gantry.spi.deployment;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** The agent: takes deployment manifests and makes the gateway equal to them. Any thread. */
@ProviderType
public interface Deployments {

  /**
   * Checks a manifest, and when it is good makes it the desired state, durably.
   *
   * @param manifest JSON, either {@code {"modulesContent": ...}} or the bare pair of {@code
   *     $edgeAgent} and {@code $edgeHub}
   * @return completes when the manifest was refused, or when the first attempt at every step was
   *     made; never fails
   */
  CompletionStage<DeployResult> deploy(String manifest);

  /** The modules, declared and present, ordered by name. */
  List<ModuleReport> modules();

  /** The reported properties of {@code $edgeAgent} as JSON; never contains a password. */
  String reported();
}
