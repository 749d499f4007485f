package io.gantry.agent.loop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.Deployment;
import io.gantry.agent.manifest.DesiredStatus;
import io.gantry.agent.manifest.ManifestReader;
import io.gantry.agent.manifest.ParsedManifest;
import io.gantry.agent.manifest.Rejected;
import io.gantry.agent.plan.ModuleView;
import io.gantry.agent.report.Outcome;
import io.gantry.agent.run.Failures;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.DryRun.Change;
import io.gantry.spi.deployment.DryRun.ModuleChange;
import io.gantry.spi.deployment.DryRun.RouteChange;
import io.gantry.spi.deployment.HubConfiguration;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.ModuleForecast;
import io.gantry.spi.module.ModuleForecast.Download;
import io.gantry.spi.module.ModuleForecast.Manner;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.PreparedModule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

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

  private record Planned(long order, ModuleChange change) {}

  private record Outlook(DeclaredModule module, Optional<ModuleForecast> forecast, String error) {}

  private final ModuleRuntime runtime;
  private final HubConfiguration hub;

  DryRunner(ModuleRuntime runtime, HubConfiguration hub) {
    this.runtime = runtime;
    this.hub = hub;
  }

  /** Completes on any thread, and never fails. */
  CompletionStage<DryRun> run(String manifest, Present present) {
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
        .thenApply(
            done -> dryRun(good, outlooks.stream().map(CompletableFuture::join).toList(), present))
        .exceptionally(
            failure ->
                new DryRun(
                    Outcome.FAILED,
                    List.of("the dry run itself failed: " + Failures.text(failure)),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of()));
  }

  private static CompletionStage<DryRun> refused(
      int code, List<String> errors, List<String> warnings) {
    return CompletableFuture.completedFuture(
        new DryRun(code, errors, warnings, List.of(), List.of(), List.of(), List.of()));
  }

  /** Whatever would be put in place is looked at, be it known or not: who else would notice? */
  private CompletableFuture<Outlook> outlook(
      DeclaredModule module, Deployment good, Present present) {
    Optional<PreparedModule> known = known(module, present);
    if (known.isPresent()
        && Optional.ofNullable(present.installed().get(module.name()))
            .filter(now -> ModuleView.isSame(now.prepared(), known.get()))
            .isPresent()) {
      return CompletableFuture.completedFuture(new Outlook(module, Optional.empty(), ""));
    }
    return runtime
        .forecast(module.spec(), good.logins())
        .thenApply(forecast -> new Outlook(module, Optional.of(forecast), ""))
        .exceptionally(
            failure ->
                new Outlook(
                    module,
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
        .map(
            found ->
                new PreparedModule(module.spec(), found.version(), found.sha256(), found.shared()));
  }

  private DryRun dryRun(Deployment good, List<Outlook> outlooks, Present present) {
    List<Planned> planned = new ArrayList<>();
    List<String> errors = new ArrayList<>();
    Set<Download> downloads = new LinkedHashSet<>();
    for (Outlook outlook : outlooks) {
      if (outlook.error.isEmpty()) {
        outlook.forecast.ifPresent(forecast -> downloads.addAll(forecast.downloads()));
        planned.add(new Planned(outlook.module.startupOrder(), change(outlook, present)));
      } else {
        errors.add(outlook.error);
      }
    }
    for (InstalledModule there : present.installed().values()) {
      if (!good.modules().containsKey(there.name()) && !present.dropIns().contains(there.name())) {
        planned.add(new Planned(-1, removal(there)));
      }
    }
    planned.sort(ORDER);
    List<String> warnings = new ArrayList<>(good.warnings());
    warnings.addAll(hub.warnings(good.hubDesired()));
    return new DryRun(
        errors.isEmpty() ? Outcome.DONE : DeployResult.UNMET,
        errors,
        warnings,
        List.copyOf(downloads),
        planned.stream().map(Planned::change).toList(),
        routes(good, present),
        settings(good, present));
  }

  private static ModuleChange removal(InstalledModule there) {
    return new ModuleChange(
        there.name(),
        Change.REMOVE,
        Optional.of(there.prepared().version()),
        Optional.empty(),
        List.of("the manifest does not declare it"),
        List.of());
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
    return new ModuleChange(
        module.name(), change, there.map(version()), to, reasons, forecast.disturbances());
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

  private static List<RouteChange> routes(Deployment good, Present present) {
    SortedMap<String, String> before =
        present.deployment().map(now -> routes(now.hubDesired())).orElse(new TreeMap<>());
    SortedMap<String, String> after = routes(good.hubDesired());
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    List<RouteChange> changes = new ArrayList<>();
    for (String name : names) {
      if (!Optional.ofNullable(before.get(name)).equals(Optional.ofNullable(after.get(name)))) {
        changes.add(
            new RouteChange(
                name, Optional.ofNullable(before.get(name)), Optional.ofNullable(after.get(name))));
      }
    }
    return changes;
  }

  private static SortedMap<String, String> routes(String hubDesired) {
    SortedMap<String, String> routes = new TreeMap<>();
    for (Map.Entry<String, JsonElement> member : object(hubDesired).entrySet()) {
      if (member.getKey().equalsIgnoreCase("routes") && member.getValue().isJsonObject()) {
        member
            .getValue()
            .getAsJsonObject()
            .entrySet()
            .forEach(route -> routes.put(route.getKey(), text(route.getValue())));
      }
    }
    return routes;
  }

  private static String text(JsonElement json) {
    return json.isJsonPrimitive() ? json.getAsString() : json.toString();
  }

  private static JsonObject object(String json) {
    return JsonParser.parseString(json).getAsJsonObject();
  }

  /** What else of the hub changes, and which modules get other desired properties. */
  private static List<String> settings(Deployment good, Present present) {
    List<String> settings = new ArrayList<>();
    JsonObject before =
        present.deployment().map(now -> object(now.hubDesired())).orElse(new JsonObject());
    JsonObject after = object(good.hubDesired());
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      if (!name.equalsIgnoreCase("routes")
          && !Optional.ofNullable(before.get(name)).equals(Optional.ofNullable(after.get(name)))) {
        settings.add(
            "$edgeHub." + name + ": " + shown(before.get(name)) + " -> " + shown(after.get(name)));
      }
    }
    good.moduleDesired()
        .forEach(
            (module, desired) -> {
              boolean same =
                  present
                      .deployment()
                      .filter(now -> desired.equals(now.moduleDesired().get(module)))
                      .isPresent();
              if (!same) {
                settings.add(module + ": its desired properties change");
              }
            });
    return settings;
  }

  private static String shown(JsonElement json) {
    return json == null ? "none" : json.toString();
  }
}
