package io.gantry.agent.report;

import java.util.List;

/**
 * {@code lastDesiredStatus}.
 *
 * @param code as section 10 of the IoT Edge agent's description has it
 * @param errors sentences for a person; none when all went well
 */
public record Outcome(int code, List<String> errors) {

  /** All is as declared, or nothing was ever declared. */
  public static final int DONE = 200;

  /** Nothing is known yet, or the agent does not run. */
  public static final int UNKNOWN = 406;

  /** A step failed and is tried again. */
  public static final int FAILED = 500;

  public Outcome {
    errors = List.copyOf(errors);
  }

  /** Done when there are no failures. */
  public static Outcome of(List<String> failures) {
    return new Outcome(failures.isEmpty() ? DONE : FAILED, failures);
  }

  String description() {
    return String.join("; ", errors);
  }
}
