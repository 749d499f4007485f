package io.gantry.module.host.runtime;

import io.gantry.module.host.bundle.Call;
import io.gantry.module.host.bundle.Installer.Installed;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.ModuleListener;
import io.gantry.spi.module.PreparedModule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which modules there are, and which generation of each is the module. Beside it there may be one
 * that is about to take over. Belongs to the runtime's serial executor, but for what others see.
 */
final class Books {

  private static final Logger LOG = LoggerFactory.getLogger(Books.class);

  private final Map<String, Module> modules = new TreeMap<>();
  private final Map<String, Module> newcomers = new TreeMap<>();
  private final Map<PreparedModule, Call> dropped = new HashMap<>();
  private final List<ModuleListener> listeners = new CopyOnWriteArrayList<>();
  private volatile List<InstalledModule> snapshot = List.of();

  /** The modules as others may see them; any thread. */
  List<InstalledModule> snapshot() {
    return snapshot;
  }

  /** Any thread. */
  AutoCloseable listen(ModuleListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  Optional<Module> get(String name) {
    return Optional.ofNullable(modules.get(name));
  }

  List<Module> modules() {
    return List.copyOf(modules.values());
  }

  /** All generations in the framework that are in use or about to be. */
  List<Installed> installed() {
    return all().map(Module::installed).toList();
  }

  private Stream<Module> all() {
    return Stream.concat(modules.values().stream(), newcomers.values().stream());
  }

  /** Whether this generation is the module. */
  boolean isOurs(Module module) {
    return modules.get(module.name()) == module;
  }

  /** This generation is the module from now on. */
  void put(Module module) {
    newcomers.remove(module.name(), module);
    modules.put(module.name(), module);
    publish();
  }

  /** This generation is about to become the module. */
  void beside(Module newcomer) {
    newcomers.put(newcomer.name(), newcomer);
  }

  /** It is not any more; it may hang, and hold its bundle and a thread as long as it does. */
  void dropped(Module newcomer) {
    newcomers.remove(newcomer.name(), newcomer);
    dropped.values().removeIf(call -> !call.hangs());
    newcomer.hanging().ifPresent(call -> dropped.put(newcomer.installed().prepared(), call));
  }

  /** Whether the same was dropped before and still hangs. */
  boolean hangs(PreparedModule next) {
    return Optional.ofNullable(dropped.get(next)).filter(Call::hangs).isPresent();
  }

  void remove(Module module) {
    modules.remove(module.name(), module);
    publish();
  }

  /** The generation that this bundle is. */
  Optional<Module> find(Bundle bundle) {
    return all().filter(module -> module.bundle().equals(bundle)).findFirst();
  }

  /** To be called after each change of a module. */
  void publish() {
    snapshot = modules.values().stream().map(Module::snapshot).toList();
  }

  /** Tells the listeners how the module is now. */
  void tell(Module module) {
    for (ModuleListener listener : listeners) {
      try {
        listener.changed(module.snapshot());
      } catch (RuntimeException e) {
        LOG.warn("module {}: a listener failed", module.name(), e);
      }
    }
  }
}
