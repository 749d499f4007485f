package io.gantry.spi.deployment;

import java.util.List;

/**
 * What became of a deployment.
 *
 * @param code 200 done; 400 malformed; 406 the agent is not running; 412 schema version; 417 empty;
 *     500 a step failed and is tried again (the codes of {@code lastDesiredStatus}); {@link #UNMET}
 * @param version the number of this deployment; that of the one in force when it was refused
 * @param errors sentences for a person; empty when all went well
 * @param warnings what was accepted and has no effect
 */
public record DeployResult(int code, long version, List<String> errors, List<String> warnings) {

  /** What it needs cannot be had, or it was given up; nothing was touched (reported as 500). */
  public static final int UNMET = 424;

  public DeployResult {
    errors = List.copyOf(errors);
    warnings = List.copyOf(warnings);
  }

  /** Whether the manifest is now the desired state, even if a step still fails. */
  public boolean accepted() {
    return code == 200 || code == 500;
  }
}
