package io.gantry.module.host.watch;

import io.gantry.module.host.resolution.Locations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleReference;

/**
 * Whose thread is it? The context class loader tells, because a module is started with its own and
 * threads inherit it; failing that, the class of the thread; and last the innermost frame whose
 * class lies in exactly one module. For one moment and one thread, because it remembers what it
 * found.
 */
final class ThreadOwners {

  private final List<Bundle> modules;
  private final Map<String, List<Bundle>> holders = new HashMap<>();

  /**
   * A module's thread.
   *
   * @param type the class in its stack that told; empty when a loader did
   */
  record Owned(Bundle module, Optional<String> type) {

    /** Whether the same still tells the same; to be asked even when the module is gone. */
    boolean isStill(Thread thread, StackTraceElement[] stack) {
      return type.map(name -> Arrays.stream(stack).anyMatch(f -> f.getClassName().equals(name)))
          .orElseGet(() -> byLoaders(thread).filter(module::equals).isPresent());
    }
  }

  ThreadOwners(BundleContext context) {
    this.modules = modules(context);
  }

  /** The module that a thread with this stack belongs to; empty when it is nobody's. */
  Optional<Owned> of(Thread thread, StackTraceElement[] stack) {
    return byLoaders(thread)
        .map(module -> new Owned(module, Optional.empty()))
        .or(() -> byFrames(stack));
  }

  private static Optional<Bundle> byLoaders(Thread thread) {
    return byLoader(thread.getContextClassLoader())
        .or(() -> byLoader(thread.getClass().getClassLoader()));
  }

  private static Optional<Bundle> byLoader(ClassLoader loader) {
    return loader instanceof BundleReference reference && Locations.isModule(reference.getBundle())
        ? Optional.of(reference.getBundle())
        : Optional.empty();
  }

  private Optional<Owned> byFrames(StackTraceElement[] stack) {
    for (StackTraceElement frame : stack) {
      List<Bundle> found = holders.computeIfAbsent(frame.getClassName(), this::holders);
      if (!found.isEmpty()) {
        return found.size() == 1
            ? Optional.of(new Owned(found.get(0), Optional.of(frame.getClassName())))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private List<Bundle> holders(String type) {
    String file = type.replace('.', '/') + ".class";
    return type.startsWith("java.") || type.startsWith("jdk.")
        ? List.of()
        : modules.stream().filter(module -> module.getEntry(file) != null).toList();
  }

  private static List<Bundle> modules(BundleContext context) {
    try {
      List<Bundle> modules = new ArrayList<>();
      for (Bundle bundle : context.getBundles()) {
        if (Locations.isModule(bundle) && bundle.getState() != Bundle.UNINSTALLED) {
          modules.add(bundle);
        }
      }
      return modules;
    } catch (IllegalStateException e) {
      return List.of();
    }
  }
}
