package io.gantry.agent.plan;

import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Whether modules can be there together. Each was prepared by itself, and looked only at what is
 * there now; but of a singleton the framework resolves one bundle, and two modules may be about to
 * bring two. Pure.
 */
public final class Coexistence {

  /**
   * A singleton that is about to be there.
   *
   * @param version of the bundle
   * @param module one that brings it
   */
  private record Bringing(String version, String module) {}

  private Coexistence() {}

  /** Why these cannot be there together, as sentences; empty when they can. */
  public static List<String> conflicts(Collection<PreparedModule> modules) {
    SortedMap<String, Map<String, Bringing>> bundlesByName = new TreeMap<>();
    for (PreparedModule module : modules) {
      String name = module.spec().name();
      // Its own bundle is installed for each module, a shared one once.
      add(bundlesByName, module, module.spec().image().symbolicName(), name, module.version());
      for (SharedBundle shared : module.shared()) {
        add(bundlesByName, module, shared.symbolicName(), shared.sha256(), shared.version());
      }
    }
    return bundlesByName.entrySet().stream()
        .filter(entry -> entry.getValue().size() > 1)
        .map(entry -> sentence(entry.getKey(), entry.getValue().values()))
        .toList();
  }

  private static void add(
      Map<String, Map<String, Bringing>> bundlesByName,
      PreparedModule module,
      String symbolicName,
      String bundle,
      String version) {
    if (module.singletons().contains(symbolicName)) {
      bundlesByName
          .computeIfAbsent(symbolicName, absent -> new LinkedHashMap<>())
          .putIfAbsent(bundle, new Bringing(version, module.spec().name()));
    }
  }

  private static String sentence(String symbolicName, Collection<Bringing> bundles) {
    String who =
        bundles.stream()
            .map(one -> one.version() + " for module " + one.module())
            .sorted()
            .collect(Collectors.joining(", "));
    return "bundle "
        + symbolicName
        + " is a singleton, of which there can be one; but these are asked for: "
        + who;
  }
}
