package io.gantry.module.log.entry;

import io.gantry.module.log.ring.Rings;
import io.gantry.spi.log.ModuleLogs;
import io.gantry.spi.module.ModuleLocation;
import java.util.Set;
import org.osgi.framework.Bundle;

/** Into which log goes what a bundle says. */
public final class LogName {

  /** Those of ours that IoT Edge has in its hub; the others it has in its agent. */
  private static final Set<String> HUB =
      Set.of(
          "io.gantry.hub",
          "io.gantry.mqtt",
          "io.gantry.web",
          "io.gantry.routing",
          "io.gantry.store",
          "io.gantry.module.client");

  private LogName() {}

  /** The log of the module that the bundle is, or one of the runtime's. */
  static String of(Bundle bundle) {
    return ModuleLocation.parse(location(bundle))
        .map(ModuleLocation::module)
        .filter(Rings::isLog)
        .orElse(
            HUB.contains(String.valueOf(bundle.getSymbolicName()))
                ? ModuleLogs.HUB
                : ModuleLogs.AGENT);
  }

  /** Whether the bundle is a module. */
  static boolean isModule(Bundle bundle) {
    return ModuleLocation.parse(location(bundle)).isPresent();
  }

  /** Whether the bundle is a library that came with modules, which may share it. */
  static boolean isShared(Bundle bundle) {
    return location(bundle).startsWith(ModuleLocation.SHARED);
  }

  /** Whether the bundle is one of the runtime. */
  public static boolean isOfRuntime(Bundle bundle) {
    return !isModule(bundle) && !isShared(bundle);
  }

  private static String location(Bundle bundle) {
    return String.valueOf(bundle.getLocation());
  }

  /** Whether a log is one of the runtime's own. */
  static boolean isRuntime(String log) {
    return log.equals(ModuleLogs.HUB) || log.equals(ModuleLogs.AGENT);
  }
}
