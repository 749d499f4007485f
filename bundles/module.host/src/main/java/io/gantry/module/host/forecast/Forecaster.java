package io.gantry.module.host.forecast;

import io.gantry.module.host.bundle.Installer.Installed;
import io.gantry.module.host.resolution.Preparation.Outlook;
import io.gantry.spi.module.ModuleForecast;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Manner;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;

/** Tells how a module would be put in place. Belongs to the runtime's serial executor. */
public final class Forecaster {

  private final Neighbours neighbours;

  /**
   * The module of that name that is there.
   *
   * @param hangs whether a former start or stop of it has not come back
   * @param runs whether it does
   */
  public record Present(Installed installed, boolean hangs, boolean runs) {}

  public Forecaster(Neighbours neighbours) {
    this.neighbours = neighbours;
  }

  /**
   * Tells.
   *
   * @param others the other modules that are installed
   */
  public ModuleForecast forecast(
      ModuleSpec spec, Outlook outlook, Optional<Present> present, Collection<Installed> others) {
    List<String> reasons = new ArrayList<>();
    present.ifPresent(old -> reasons.addAll(reasons(spec, outlook, old)));
    Manner manner =
        present.isEmpty() ? Manner.INSTALL : reasons.isEmpty() ? Manner.SWAP : Manner.REPLACE;
    return new ModuleForecast(
        spec,
        outlook.module().version().toString(),
        outlook.prepared(),
        outlook.downloads(),
        manner,
        reasons,
        present.map(old -> disturbances(outlook, old, manner, others)).orElse(List.of()));
  }

  /** Why the old one has to be stopped first. */
  private static List<String> reasons(ModuleSpec spec, Outlook outlook, Present old) {
    List<String> reasons = new ArrayList<>();
    boolean wasExclusive = old.installed().prepared().spec().exclusive();
    if (spec.exclusive()) {
      reasons.add("it is exclusive: two versions of it must never run at the same time");
    } else if (wasExclusive) {
      reasons.add("the version that is installed is exclusive");
    }
    if (outlook.module().isSingleton() || old.installed().isSingleton()) {
      reasons.add(
          "bundle "
              + outlook.module().symbolicName()
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

  private List<Disturbance> disturbances(
      Outlook outlook, Present old, Manner manner, Collection<Installed> others) {
    List<Bundle> leaving = new ArrayList<>(List.of(old.installed().bundle()));
    Set<String> staying = new HashSet<>();
    outlook
        .prepared()
        .ifPresent(
            next ->
                staying.addAll(
                    next.shared().stream().map(SharedBundle::sha256).collect(Collectors.toSet())));
    others.forEach(
        other -> other.prepared().shared().forEach(bundle -> staying.add(bundle.sha256())));
    List<SharedBundle> shared = old.installed().prepared().shared();
    for (int i = 0; i < shared.size(); i++) {
      if (!staying.contains(shared.get(i).sha256())) {
        leaving.add(old.installed().shared().get(i));
      }
    }
    return neighbours.of(old.installed(), leaving, manner == Manner.REPLACE, others);
  }
}
