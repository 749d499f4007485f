package io.gantry.module.log.entry;

import io.gantry.module.log.ring.Rings;
import io.gantry.spi.log.ModuleLogs;
import io.gantry.spi.module.ModuleLocation;
import java.util.Set;

/** Into which log the lines of a bundle go. */
final class LogName {

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

  static String of(String location, String symbolicName) {
    return ModuleLocation.parse(location)
        .map(ModuleLocation::module)
        .filter(Rings::isLog)
        .orElse(HUB.contains(symbolicName) ? ModuleLogs.HUB : ModuleLogs.AGENT);
  }

  /** Whether a log is one of the runtime's own. */
  static boolean isRuntime(String log) {
    return log.equals(ModuleLogs.HUB) || log.equals(ModuleLogs.AGENT);
  }
}
