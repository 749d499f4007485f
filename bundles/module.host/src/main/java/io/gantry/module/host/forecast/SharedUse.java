package io.gantry.module.host.forecast;

import io.gantry.module.host.bundle.Installer.Installed;
import io.gantry.spi.module.ModuleMove;
import io.gantry.spi.module.ModuleMove.Kind;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which modules use which shared bundles, while moves are made one after another: a shared bundle
 * leaves with its last user, though a later move may bring it back.
 */
final class SharedUse {

  private final Map<String, Set<String>> digestsByModule = new HashMap<>();

  SharedUse(Collection<Installed> installed) {
    for (Installed module : installed) {
      digestsByModule.put(module.prepared().spec().name(), module.sharedDigests());
    }
  }

  /** Makes the move; the digests of the shared bundles that leave with it. */
  Set<String> after(ModuleMove move) {
    if (move.kind() == Kind.STOP || move.kind() == Kind.START) {
      return Set.of();
    }
    Set<String> before = digestsByModule.remove(move.module());
    move.next().ifPresent(next -> digestsByModule.put(move.module(), digests(next)));
    Set<String> unused = new LinkedHashSet<>(before == null ? Set.of() : before);
    digestsByModule.values().forEach(unused::removeAll);
    return unused;
  }

  private static Set<String> digests(PreparedModule module) {
    return module.shared().stream().map(SharedBundle::sha256).collect(Collectors.toSet());
  }
}
