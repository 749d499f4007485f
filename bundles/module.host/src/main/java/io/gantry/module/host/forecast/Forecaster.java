package io.gantry.module.host.forecast;

import io.gantry.module.host.bundle.Installer.Installed;
import io.gantry.module.host.forecast.Neighbours.Arriving;
import io.gantry.module.host.forecast.Neighbours.Leaving;
import io.gantry.module.host.resolution.Locations;
import io.gantry.module.host.resolution.Preparation.Outlook;
import io.gantry.spi.module.ModuleForecast;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Download;
import io.gantry.spi.module.ModuleForecast.Manner;
import io.gantry.spi.module.ModuleMove;
import io.gantry.spi.module.ModuleMove.Kind;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/**
 * Tells how modules would be put in place, and who else would notice. Belongs to the runtime's
 * serial executor.
 */
public final class Forecaster {

  private final BundleContext context;
  private final ServiceComponentRuntime components;

  /**
   * What would be put in place.
   *
   * @param singleton whether its own bundle is one
   */
  public record Coming(
      ModuleSpec spec,
      String version,
      boolean singleton,
      Optional<PreparedModule> prepared,
      List<Download> downloads) {

    /** What was looked up. */
    public static Coming of(ModuleSpec spec, Outlook outlook) {
      return new Coming(
          spec,
          outlook.module().version().toString(),
          outlook.module().isSingleton(),
          outlook.prepared(),
          outlook.downloads());
    }

    /** What was prepared before. */
    public static Coming of(PreparedModule module, List<Download> downloads) {
      return new Coming(
          module.spec(),
          module.version(),
          module.singletons().contains(module.spec().image().symbolicName()),
          Optional.of(module),
          downloads);
    }
  }

  /**
   * The module of that name that is there.
   *
   * @param hangs whether a former start or stop of it has not come back
   * @param runs whether it does
   */
  public record Present(Installed installed, boolean hangs, boolean runs) {}

  public Forecaster(BundleContext context, ServiceComponentRuntime components) {
    this.context = context;
    this.components = components;
  }

  /**
   * Tells.
   *
   * @param installed all modules
   * @param described what the bundles of what comes describe, by digest
   */
  public ModuleForecast forecast(
      Coming coming,
      Optional<Present> present,
      Collection<Installed> installed,
      Map<String, List<Described>> described) {
    List<String> reasons = new ArrayList<>();
    present.ifPresent(old -> reasons.addAll(reasons(coming, old)));
    Kind kind = present.isEmpty() ? Kind.INSTALL : reasons.isEmpty() ? Kind.SWAP : Kind.REPLACE;
    ModuleMove alone = new ModuleMove(coming.spec().name(), kind, coming.prepared(), true);
    return new ModuleForecast(
        coming.spec(),
        coming.version(),
        coming.prepared(),
        coming.downloads(),
        Manner.valueOf(kind.name()),
        reasons,
        disturbances(List.of(alone), installed, described).get(0));
  }

  /** Why the old one has to be stopped first. */
  private static List<String> reasons(Coming coming, Present old) {
    List<String> reasons = new ArrayList<>();
    boolean wasExclusive = old.installed().prepared().spec().exclusive();
    if (coming.spec().exclusive()) {
      reasons.add("it is exclusive: two versions of it must never run at the same time");
    } else if (wasExclusive) {
      reasons.add("the version that is installed is exclusive");
    }
    if (coming.singleton() || old.installed().singleton()) {
      reasons.add(
          "bundle "
              + coming.spec().image().symbolicName()
              + " is a singleton: the framework resolves no second version beside the first");
    }
    if (old.hangs()) {
      reasons.add("a former start or stop of it hangs");
    }
    if (!old.runs()) {
      reasons.add("the version that is installed does not run");
    }
    return reasons;
  }

  /**
   * Who notices each of these moves, made one after another.
   *
   * @param installed all modules
   * @param described what the bundles of what is put in place or started describe, by digest
   */
  public List<List<Disturbance>> disturbances(
      List<ModuleMove> moves,
      Collection<Installed> installed,
      Map<String, List<Described>> described) {
    Map<String, Installed> byName =
        installed.stream().collect(Collectors.toMap(Forecaster::name, module -> module));
    Set<String> moved = moves.stream().map(ModuleMove::module).collect(Collectors.toSet());
    Neighbours neighbours =
        new Neighbours(
            context,
            components,
            installed.stream().filter(module -> !moved.contains(name(module))).toList());
    SharedUse use = new SharedUse(installed);
    Set<String> running = running(installed);
    List<List<Disturbance>> disturbances = new ArrayList<>();
    for (ModuleMove move : moves) {
      Set<String> unused = use.after(move);
      Optional<Installed> old = Optional.ofNullable(byName.get(move.module()));
      disturbances.add(
          neighbours.after(
              old.filter(module -> move.kind() != Kind.START)
                  .map(module -> leaving(module, unused, move)),
              arriving(move)
                  .or(() -> old.filter(m -> move.kind() == Kind.START).map(Installed::prepared))
                  .map(module -> arriving(module, running, described))));
    }
    return disturbances;
  }

  /** What begins to run with the move, if it is put in place. */
  private static Optional<PreparedModule> arriving(ModuleMove move) {
    return move.next().filter(next -> move.runs());
  }

  private static Arriving arriving(
      PreparedModule module, Set<String> running, Map<String, List<Described>> described) {
    List<Described> offered = new ArrayList<>();
    for (SharedBundle shared : module.shared()) {
      if (running.add(shared.sha256())) {
        offered.addAll(described.getOrDefault(shared.sha256(), List.of()));
      }
    }
    offered.addAll(described.getOrDefault(module.sha256(), List.of()));
    String who =
        "module "
            + module.spec().name()
            + " ("
            + module.spec().image().symbolicName()
            + " "
            + module.version()
            + ")";
    return new Arriving(
        who,
        module.shared().stream().map(SharedBundle::sha256).collect(Collectors.toSet()),
        offered);
  }

  /** Those who come or are started, of which it is asked what they describe. */
  public static List<PreparedModule> arriving(
      Collection<ModuleMove> moves, Collection<Installed> installed) {
    List<PreparedModule> arriving = new ArrayList<>();
    for (ModuleMove move : moves) {
      arriving(move).ifPresent(arriving::add);
      installed.stream()
          .filter(module -> move.kind() == Kind.START && name(module).equals(move.module()))
          .map(Installed::prepared)
          .forEach(arriving::add);
    }
    return arriving;
  }

  /** The digests of the shared bundles that run already. */
  private static Set<String> running(Collection<Installed> installed) {
    return installed.stream()
        .flatMap(module -> module.shared().stream())
        .filter(shared -> shared.getState() == Bundle.ACTIVE)
        .flatMap(shared -> Locations.sharedDigest(shared).stream())
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static Leaving leaving(Installed old, Set<String> unused, ModuleMove move) {
    List<Bundle> leaving = new ArrayList<>(List.of(old.bundle()));
    old.shared().stream()
        .filter(shared -> Locations.sharedDigest(shared).filter(unused::contains).isPresent())
        .forEach(leaving::add);
    return new Leaving(old, leaving, move.next(), move.kind() == Kind.SWAP);
  }

  private static String name(Installed module) {
    return module.prepared().spec().name();
  }
}
