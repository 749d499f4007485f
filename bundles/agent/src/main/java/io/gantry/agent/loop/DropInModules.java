package io.gantry.agent.loop;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.spi.module.DropIns;
import io.gantry.spi.module.ModuleSpec;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The modules that nobody declared but whose bundles lie in the drop-in folder. A module of the
 * manifest goes before one of the same name that was dropped in. Used by the agent's executor only.
 */
final class DropInModules {

  private final Memory memory;
  private Optional<DropIns> folder = Optional.empty();
  private SortedMap<String, DeclaredModule> modules = new TreeMap<>();
  private boolean hadAny;

  DropInModules(Memory memory) {
    this.memory = memory;
  }

  /** The folder is watched by this. */
  void use(DropIns found) {
    folder = Optional.of(found);
    look();
  }

  /** This watches it no more; what lies there goes on running, since nobody has taken it out. */
  void lose(DropIns gone) {
    folder = folder.filter(known -> known != gone);
  }

  /** Something in the folder has changed. */
  void look() {
    folder.ifPresent(
        known -> {
          SortedMap<String, DeclaredModule> found = new TreeMap<>();
          for (ModuleSpec spec : known.modules()) {
            found.put(spec.name(), DeclaredModule.ofDropIn(spec));
          }
          modules = found;
          hadAny |= !found.isEmpty();
          memory.rememberDropIns(found.keySet());
        });
  }

  /** Whether there ever were any, so that the last one taken out is noticed. */
  boolean hadAny() {
    return hadAny;
  }

  SortedMap<String, DeclaredModule> modules() {
    return modules;
  }

  /** Their names; before anybody has looked into the folder those from before the start. */
  Set<String> names() {
    return folder.isPresent() || hadAny ? modules.keySet() : memory.recallDropIns();
  }
}
