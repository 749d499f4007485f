package io.gantry.spi.deployment;

import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Download;
import java.util.List;
import java.util.Optional;

/**
 * What a deployment would do.
 *
 * @param code as in {@link DeployResult}: 200 when it could be made, 400, 412 or 417 when the
 *     manifest would be refused, 500 when something that it needs cannot be had
 * @param errors what cannot be met; sentences for a person
 * @param warnings what would be accepted and have no effect
 * @param downloads what would be fetched, each bundle once
 * @param modules what would become of each module, in the order of execution
 * @param routes which routes would change, by name
 * @param settings what else of the hub and the agent would change; one line each
 */
public record DryRun(
    int code,
    List<String> errors,
    List<String> warnings,
    List<Download> downloads,
    List<ModuleChange> modules,
    List<RouteChange> routes,
    List<String> settings) {

  /** What would be done with a module. */
  public enum Change {
    /** It comes new. */
    ADD,
    /** Another version or configuration takes over while both run. */
    SWAP,
    /** Another version or configuration is put in place after it was stopped. */
    REPLACE,
    /** It is started. */
    START,
    /** It is stopped and stays. */
    STOP,
    /** It is stopped and goes. */
    REMOVE,
    /** What it declares changes nothing that runs. */
    ADOPT,
    /** Nothing. */
    NONE
  }

  /**
   * What would become of a module.
   *
   * @param name of the module
   * @param change what would be done
   * @param from version that is installed
   * @param to version that would be
   * @param reasons why; sentences
   * @param disturbances which other modules would notice
   */
  public record ModuleChange(
      String name,
      Change change,
      Optional<String> from,
      Optional<String> to,
      List<String> reasons,
      List<Disturbance> disturbances) {
    public ModuleChange {
      reasons = List.copyOf(reasons);
      disturbances = List.copyOf(disturbances);
    }
  }

  /**
   * A route that would come, go or change.
   *
   * @param name of the route
   * @param before its text; empty when it comes
   * @param after its text; empty when it goes
   */
  public record RouteChange(String name, Optional<String> before, Optional<String> after) {}

  /** One that could not look at anything: nothing is said of what would change. */
  public static DryRun refused(int code, List<String> errors, List<String> warnings) {
    return new DryRun(code, errors, warnings, List.of(), List.of(), List.of(), List.of());
  }

  public DryRun {
    errors = List.copyOf(errors);
    warnings = List.copyOf(warnings);
    downloads = List.copyOf(downloads);
    modules = List.copyOf(modules);
    routes = List.copyOf(routes);
    settings = List.copyOf(settings);
  }
}
