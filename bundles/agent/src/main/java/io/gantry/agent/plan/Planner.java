package io.gantry.agent.plan;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.DesiredStatus;
import io.gantry.agent.plan.Step.Adopt;
import io.gantry.agent.plan.Step.Install;
import io.gantry.agent.plan.Step.Prepare;
import io.gantry.agent.plan.Step.Remove;
import io.gantry.agent.plan.Step.Restart;
import io.gantry.agent.plan.Step.Start;
import io.gantry.agent.plan.Step.Stop;
import io.gantry.agent.restart.RestartDecision;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.PreparedModule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What is still to be done, from what is declared and what is there. Pure, and made anew after each
 * group: a plan is never carried on after the world has changed under it. Of a module that has to
 * be built the plan holds only the preparation, until that is done; what follows depends on what
 * was found.
 *
 * <p>A change of image, version text, environment or configuration builds the module again. A
 * change of restart policy, start-up order or pull policy does not. When what a new image or
 * version text leads to is byte for byte what runs already, with the same settings, it goes on
 * running (the IoT Edge agent recreates the module in all these cases).
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
    if (!module.isUpToDate(declared)) {
      return module
          .ready()
          .map(ready -> build(module, declared, ready))
          .orElseGet(() -> List.of(new Prepare(declared)));
    }
    return declared.status() == DesiredStatus.RUNNING ? run(module) : rest(module);
  }

  /** Also of a version that is about to be replaced: until then it is all there is. */
  private static boolean isRestartDue(ModuleView module) {
    boolean shallRun =
        module.desired().filter(now -> now.status() == DesiredStatus.RUNNING).isPresent();
    return shallRun
        && module.installed().isPresent()
        && !module.runs()
        && module.hasExited()
        && module.decision() instanceof RestartDecision.Restart;
  }

  private static List<Step> build(
      ModuleView module, DeclaredModule declared, PreparedModule ready) {
    boolean shallRun = declared.status() == DesiredStatus.RUNNING;
    if (shallRun && module.runs() && isTheSame(module, declared, ready)) {
      return List.of(new Adopt(declared));
    }
    Step install = new Install(declared, ready);
    return shallRun ? List.of(install, new Start(module.name())) : List.of(install);
  }

  private static boolean isTheSame(
      ModuleView module, DeclaredModule declared, PreparedModule ready) {
    Optional<PreparedModule> runs = module.installed().map(installed -> installed.prepared());
    return runs.filter(now -> now.sha256().equals(ready.sha256())).isPresent()
        && runs.filter(now -> now.shared().equals(ready.shared())).isPresent()
        && module.installedAs().filter(declared::isConfiguredAs).isPresent();
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
