package io.gantry.agent.plan;

import io.gantry.agent.plan.Step.Prepare;
import io.gantry.agent.plan.Step.Renew;
import io.gantry.agent.plan.Step.Restart;
import java.util.List;

/**
 * The steps for one module, one after another; when one fails the rest of the group is left out.
 *
 * @param module the module
 * @param order its start-up order; {@link #REMOVALS} for those that go
 * @param steps at least one
 */
public record Group(String module, long order, List<Step> steps) {

  /** Before all others. */
  public static final long REMOVALS = -1;

  public Group {
    steps = List.copyOf(steps);
  }

  /** Whether it only fetches and so touches nothing that runs. */
  public boolean isPreparation() {
    return steps.get(0) instanceof Prepare;
  }

  /** Whether it is supervision, which waits for nobody. */
  public boolean isRestart() {
    return steps.get(0) instanceof Restart || steps.get(0) instanceof Renew;
  }

  /** Whether it changes what is installed or started, in its turn. */
  public boolean isChange() {
    return !isPreparation() && !isRestart();
  }

  @Override
  public String toString() {
    return String.join(
        ", ", (Iterable<String>) () -> steps.stream().map(Step::toString).iterator());
  }
}
