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

  /**
   * What {@link #deploy} would do with a manifest now; changes nothing and downloads no bundle.
   * Never fails.
   */
  CompletionStage<DryRun> dryRun(String manifest);

  /**
   * Goes back to the deployment that was in force before the present one; needs no network. The one
   * gone back to gets a new number.
   *
   * @return as {@link #deploy}; refused with 417 when there is none
   */
  CompletionStage<DeployResult> undo();

  /**
   * Gives up the deployment that is not in force yet, or whose steps hang: the one before stays or
   * comes back.
   *
   * @return completes with whether there was one to give up
   */
  CompletionStage<Boolean> cancel();

  /** The deployments that are remembered, newest first; bounded. */
  List<DeploymentRecord> history();

  /**
   * Stops a module that shall run, if it does, and starts it at once. Does not count as a restart
   * of the restart policy.
   *
   * @return completes when it has been started; fails with {@code RequestException}: 404 no such
   *     module, 409 it shall not run, 500 it did not start
   */
  CompletionStage<Void> restart(String module);

  /** Runs this whenever modules, reported properties or history have changed; only enqueue. */
  AutoCloseable listen(Runnable changed);

  /** The modules, declared and present, ordered by name. */
  List<ModuleReport> modules();

  /** The reported properties of {@code $edgeAgent} as JSON; never contains a password. */
  String reported();
}
