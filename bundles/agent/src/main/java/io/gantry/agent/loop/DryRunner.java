package io.gantry.agent.loop;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.Deployment;
import io.gantry.agent.manifest.DesiredStatus;
import io.gantry.agent.manifest.ManifestReader;
import io.gantry.agent.manifest.ParsedManifest;
import io.gantry.agent.manifest.Rejected;
import io.gantry.agent.plan.Coexistence;
import io.gantry.agent.plan.Group;
import io.gantry.agent.plan.ModuleView;
import io.gantry.agent.report.Outcome;
import io.gantry.agent.run.Failures;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.DryRun.Change;
import io.gantry.spi.deployment.DryRun.ModuleChange;
import io.gantry.spi.deployment.HubConfiguration;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.ModuleForecast;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Download;
import io.gantry.spi.module.ModuleForecast.Manner;
import io.gantry.spi.module.ModuleMove;
import io.gantry.spi.module.ModuleMove.Kind;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.PreparedModule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Says what a deployment would do, by the same rules by which it would be done: what is known of a
 * module need not be looked up, what would be put in place is compared with what is there, and what
 * is there and the same goes on.
 */
final class DryRunner {

  private static final Comparator<Planned> ORDER =
      Comparator.comparingLong((Planned planned) -> planned.order)
          .thenComparing(planned -> planned.change.name());

  /** What is, at the moment of asking. */
  record Present(
      Optional<Deployment> deployment,
      SortedMap<String, PreparedModule> prepared,
      SortedMap<String, InstalledModule> installed,
      Set<String> dropIns) {}

  private record Planned(long order, ModuleChange change, Optional<ModuleMove> move) {}

  /** What would be prepared for a module; no forecast when that is in place. */
  private record Outlook(
      DeclaredModule module,
      Optional<PreparedModule> prepared,
      Optional<ModuleForecast> forecast,
      String error) {}

  private final ModuleRuntime runtime;
  private final HubConfiguration hub;

  DryRunner(ModuleRuntime runtime, HubConfiguration hub) {
    this.runtime = runtime;
    this.hub = hub;
  }

  /** Completes on any thread, and never fails. */
  CompletionStage<DryRun> run(String manifest, Supplier<Present> present) {
    CompletionStage<DryRun> result;
    try {
      result = look(manifest, present.get());
    } catch (RuntimeException | Error e) {
      result = CompletableFuture.failedFuture(e);
    }
    return result.exceptionally(
        failure ->
            DryRun.refused(
                Outcome.FAILED,
                List.of("the dry run itself failed: " + Failures.text(failure)),
                List.of()));
  }

  private CompletionStage<DryRun> look(String manifest, Present present) {
    ParsedManifest parsed = ManifestReader.read(manifest);
    if (parsed instanceof Rejected bad) {
      return refused(bad.code(), bad.errors(), List.of());
    }
    Deployment good = (Deployment) parsed;
    List<String> hubErrors = hub.check(good.hubDesired());
    if (!hubErrors.isEmpty()) {
      return refused(Rejected.MALFORMED, hubErrors, good.warnings());
    }
    List<CompletableFuture<Outlook>> outlooks = new ArrayList<>();
    for (DeclaredModule module : good.modules().values()) {
      outlooks.add(outlook(module, good, present));
    }
    return CompletableFuture.allOf(outlooks.toArray(CompletableFuture<?>[]::new))
        .thenCompose(
            done -> dryRun(good, outlooks.stream().map(CompletableFuture::join).toList(), present));
  }

  private static CompletionStage<DryRun> refused(
      int code, List<String> errors, List<String> warnings) {
    return CompletableFuture.completedFuture(DryRun.refused(code, errors, warnings));
  }

  /**
   * Whatever would be put in place is looked at, be it known or not: who else would notice? What is
   * known is put in place as it is, and not looked up.
   */
  private CompletableFuture<Outlook> outlook(
      DeclaredModule module, Deployment good, Present present) {
    Optional<PreparedModule> known = known(module, present);
    if (known.isPresent()
        && Optional.ofNullable(present.installed().get(module.name()))
            .filter(now -> ModuleView.isSame(now.prepared(), known.get()))
            .isPresent()) {
      return CompletableFuture.completedFuture(new Outlook(module, known, Optional.empty(), ""));
    }
    CompletionStage<ModuleForecast> forecast =
        known
            .map(runtime::forecast)
            .orElseGet(() -> runtime.forecast(module.spec(), good.logins()));
    return forecast
        .thenApply(seen -> new Outlook(module, seen.prepared(), Optional.of(seen), ""))
        .exceptionally(
            failure ->
                new Outlook(
                    module,
                    Optional.empty(),
                    Optional.empty(),
                    "module " + module.name() + ": " + Failures.of(module.name(), failure)))
        .toCompletableFuture();
  }

  private static Optional<PreparedModule> known(DeclaredModule module, Present present) {
    return present
        .deployment()
        .map(now -> now.modules().get(module.name()))
        .filter(module::isMadeOf)
        .flatMap(old -> Optional.ofNullable(present.prepared().get(module.name())))
        .map(found -> found.with(module.spec()));
  }

  private CompletionStage<DryRun> dryRun(Deployment good, List<Outlook> outlooks, Present present) {
    List<Planned> planned = new ArrayList<>();
    List<String> errors = new ArrayList<>();
    Set<Download> downloads = new LinkedHashSet<>();
    List<PreparedModule> together = new ArrayList<>();
    for (Outlook outlook : outlooks) {
      if (outlook.error.isEmpty()) {
        outlook.forecast.ifPresent(forecast -> downloads.addAll(forecast.downloads()));
        outlook.prepared.ifPresent(together::add);
        planned.add(planned(outlook, present));
      } else {
        errors.add(outlook.error);
      }
    }
    if (errors.isEmpty()) {
      errors.addAll(Coexistence.conflicts(together));
    }
    for (InstalledModule there : present.installed().values()) {
      if (!good.modules().containsKey(there.name()) && !present.dropIns().contains(there.name())) {
        planned.add(removal(there));
      }
    }
    planned.sort(ORDER);
    List<String> warnings = new ArrayList<>(good.warnings());
    warnings.addAll(hub.warnings(good.hubDesired()));
    return disturbed(planned)
        .thenApply(
            changes ->
                new DryRun(
                    errors.isEmpty() ? Outcome.DONE : DeployResult.UNMET,
                    errors,
                    warnings,
                    List.copyOf(downloads),
                    changes,
                    HubChanges.routes(good, present.deployment()),
                    HubChanges.settings(good, present.deployment())));
  }

  /** The changes, and who notices them when they are made in this order. */
  private CompletionStage<List<ModuleChange>> disturbed(List<Planned> planned) {
    List<ModuleMove> moves = planned.stream().map(Planned::move).flatMap(Optional::stream).toList();
    return runtime
        .disturbances(moves)
        .thenApply(
            disturbances -> {
              Map<String, List<Disturbance>> byModule = new HashMap<>();
              for (int i = 0; i < moves.size(); i++) {
                byModule.put(moves.get(i).module(), disturbances.get(i));
              }
              return planned.stream()
                  .map(Planned::change)
                  .map(change -> with(change, byModule.getOrDefault(change.name(), List.of())))
                  .toList();
            });
  }

  private static ModuleChange with(ModuleChange change, List<Disturbance> disturbances) {
    return new ModuleChange(
        change.name(), change.change(), change.from(), change.to(), change.reasons(), disturbances);
  }

  private static Planned removal(InstalledModule there) {
    ModuleChange change =
        new ModuleChange(
            there.name(),
            Change.REMOVE,
            Optional.of(there.prepared().version()),
            Optional.empty(),
            List.of("the manifest does not declare it"),
            List.of());
    return new Planned(Group.REMOVALS, change, move(change, Optional.empty(), false));
  }

  private static Planned planned(Outlook outlook, Present present) {
    ModuleChange change = change(outlook, present);
    boolean runs = outlook.module.status() == DesiredStatus.RUNNING;
    Optional<PreparedModule> next =
        change.change() == Change.STOP || change.change() == Change.START
            ? Optional.empty()
            : outlook.prepared;
    return new Planned(outlook.module.startupOrder(), change, move(change, next, runs));
  }

  private static Optional<ModuleMove> move(
      ModuleChange change, Optional<PreparedModule> next, boolean runs) {
    return kind(change.change()).map(kind -> new ModuleMove(change.name(), kind, next, runs));
  }

  private static Optional<Kind> kind(Change change) {
    return switch (change) {
      case ADD -> Optional.of(Kind.INSTALL);
      case SWAP -> Optional.of(Kind.SWAP);
      case REPLACE -> Optional.of(Kind.REPLACE);
      case START -> Optional.of(Kind.START);
      case STOP -> Optional.of(Kind.STOP);
      case REMOVE -> Optional.of(Kind.REMOVE);
      case ADOPT, NONE -> Optional.empty();
    };
  }

  private static ModuleChange change(Outlook outlook, Present present) {
    DeclaredModule module = outlook.module;
    Optional<InstalledModule> there = Optional.ofNullable(present.installed().get(module.name()));
    boolean shallRun = module.status() == DesiredStatus.RUNNING;
    if (outlook.forecast.isEmpty()) {
      return change(module, status(there.orElseThrow(), shallRun), there, there.map(version()));
    }
    ModuleForecast forecast = outlook.forecast.get();
    Optional<String> to = Optional.of(forecast.version());
    boolean same =
        there.isPresent()
            && forecast
                .prepared()
                .filter(next -> ModuleView.isSame(there.get().prepared(), next))
                .isPresent();
    if (same) {
      Change status = status(there.get(), shallRun);
      return change(module, status == Change.NONE ? Change.ADOPT : status, there, to);
    }
    boolean runs = there.filter(now -> ModuleView.isActive(now.state())).isPresent();
    Change change =
        there.isEmpty()
            ? Change.ADD
            : runs && shallRun && forecast.manner() == Manner.SWAP ? Change.SWAP : Change.REPLACE;
    List<String> reasons = new ArrayList<>(reasons(module, forecast, there));
    reasons.addAll(forecast.reasons());
    return new ModuleChange(module.name(), change, there.map(version()), to, reasons, List.of());
  }

  private static Function<InstalledModule, String> version() {
    return module -> module.prepared().version();
  }

  private static Change status(InstalledModule there, boolean shallRun) {
    boolean active = ModuleView.isActive(there.state());
    if (shallRun) {
      return active ? Change.NONE : Change.START;
    }
    return active ? Change.STOP : Change.NONE;
  }

  private static ModuleChange change(
      DeclaredModule module, Change change, Optional<InstalledModule> there, Optional<String> to) {
    return new ModuleChange(module.name(), change, there.map(version()), to, List.of(), List.of());
  }

  private static List<String> reasons(
      DeclaredModule module, ModuleForecast forecast, Optional<InstalledModule> there) {
    if (there.isEmpty()) {
      return List.of();
    }
    List<String> reasons = new ArrayList<>();
    PreparedModule now = there.get().prepared();
    if (!now.version().equals(forecast.version())) {
      reasons.add("version " + now.version() + " becomes " + forecast.version());
    } else if (forecast.prepared().filter(next -> next.sha256().equals(now.sha256())).isEmpty()) {
      reasons.add("version " + now.version() + " has another content");
    }
    if (forecast.prepared().isPresent()
        && !Set.copyOf(forecast.prepared().get().shared()).equals(Set.copyOf(now.shared()))) {
      reasons.add("it uses other shared bundles");
    }
    if (!module.env().equals(now.spec().environment())) {
      reasons.add("its environment changes: " + names(now.spec().environment(), module.env()));
    }
    if (!module.configuration().equals(now.spec().configuration())) {
      reasons.add(
          "its configuration changes: "
              + names(now.spec().configuration(), module.configuration()));
    }
    return reasons;
  }

  /** Names only, since values may be secrets. */
  private static String names(Map<String, ?> before, Map<String, ?> after) {
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    names.removeIf(name -> before.containsKey(name) && before.get(name).equals(after.get(name)));
    return String.join(", ", names);
  }
}
