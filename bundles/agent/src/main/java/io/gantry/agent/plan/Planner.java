package io.gantry.agent.plan;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.DesiredStatus;
import io.gantry.agent.plan.Step.Install;
import io.gantry.agent.plan.Step.Prepare;
import io.gantry.agent.plan.Step.Remove;
import io.gantry.agent.plan.Step.Restart;
import io.gantry.agent.plan.Step.Start;
import io.gantry.agent.plan.Step.Stop;
import io.gantry.agent.plan.Step.Swap;
import io.gantry.agent.restart.RestartDecision;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.PreparedModule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What is still to be done, from what is declared and what is there. Pure, and made anew after each
 * group: a plan is never carried on after the world has changed under it. Of a module that has to
 * be built the plan holds only the preparation, until that is done; what follows depends on what
 * was found.
 *
 * <p>A change that leads to other bytes, environment or configuration builds the module again. A
 * change of restart policy, start-up order or pull policy does not, and neither does an image or
 * version text that leads to what runs already (the IoT Edge agent recreates the module in all
 * these cases). One that runs is not interrupted: the new one takes over from it.
 */
public final class Planner {

  private static final Comparator<Group> ORDER =
      Comparator.comparingLong(Group::order).thenComparing(Group::module);

  private Planner() {}

  /** The groups in the order of execution: removals, then ascending start-up order. */
  public static List<Group> plan(Collection<ModuleView> modules) {
    List<Group> groups = new ArrayList<>();
    for (ModuleView module : modules) {
      add(groups, module, steps(module));
      if (isRestartDue(module)) {
        add(groups, module, List.of(new Restart(module.name())));
      }
    }
    groups.sort(ORDER);
    return List.copyOf(groups);
  }

  private static void add(List<Group> groups, ModuleView module, List<Step> steps) {
    if (!steps.isEmpty()) {
      long order = module.desired().map(DeclaredModule::startupOrder).orElse(Group.REMOVALS);
      groups.add(new Group(module.name(), order, steps));
    }
  }

  private static List<Step> steps(ModuleView module) {
    if (module.desired().isEmpty()) {
      return module.installed().isPresent() ? List.of(new Remove(module.name())) : List.of();
    }
    DeclaredModule declared = module.desired().get();
    if (module.ready().isEmpty()) {
      return List.of(new Prepare(declared));
    }
    PreparedModule wanted = module.ready().get();
    if (!module.isInPlace(wanted)) {
      return build(module, declared, wanted);
    }
    return declared.status() == DesiredStatus.RUNNING ? run(module) : rest(module);
  }

  /** Also of a version that is about to be replaced: until then it is all there is. */
  private static boolean isRestartDue(ModuleView module) {
    boolean shallRun =
        module.desired().filter(now -> now.status() == DesiredStatus.RUNNING).isPresent();
    return shallRun
        && module.installed().isPresent()
        && (!module.runs() || module.isUnhealthy())
        && module.hasExited()
        && module.decision() instanceof RestartDecision.Restart;
  }

  private static List<Step> build(
      ModuleView module, DeclaredModule declared, PreparedModule wanted) {
    if (declared.status() == DesiredStatus.STOPPED) {
      return List.of(new Install(declared, wanted));
    }
    return module.runs()
        ? List.of(new Swap(declared, wanted))
        : List.of(new Install(declared, wanted), new Start(module.name()));
  }

  private static List<Step> run(ModuleView module) {
    boolean begin = !module.runs() && !module.hasExited();
    return begin ? List.of(new Start(module.name())) : List.of();
  }

  private static List<Step> rest(ModuleView module) {
    boolean rests = module.installed().filter(now -> now.state() == State.STOPPED).isPresent();
    return rests ? List.of() : List.of(new Stop(module.name()));
  }
}
