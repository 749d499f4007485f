package io.gantry.module.host.watch;

import io.gantry.module.host.resolution.Locations;
import java.lang.Thread.UncaughtExceptionHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that a thread of a module ended with an exception. Java has one default handler for the
 * whole process, so we stand before the former one and pass everything on.
 *
 * <p>Whose thread was it? The context class loader tells, because a module is started with its own
 * and threads inherit it. Failing that, the innermost frame whose class lies in exactly one module.
 * A thread that catches its exceptions, as those of an executor do, is never seen here.
 */
public final class UncaughtExceptions implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(UncaughtExceptions.class);

  private final BundleContext context;
  private final BiConsumer<Bundle, String> target;
  private final @Nullable UncaughtExceptionHandler former;
  private final UncaughtExceptionHandler own = this::uncaught;

  /**
   * Takes the place of the default handler.
   *
   * @param target is told module and what happened, on the dying thread; must only enqueue
   */
  public UncaughtExceptions(BundleContext context, BiConsumer<Bundle, String> target) {
    this.context = context;
    this.target = target;
    this.former = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler(own);
  }

  private void uncaught(Thread thread, Throwable thrown) {
    LOG.error("thread {} ended with an exception", thread.getName(), thrown);
    owner(thread, thrown)
        .ifPresent(
            module ->
                target.accept(module, "its thread " + thread.getName() + " ended with " + thrown));
    if (former != null) {
      former.uncaughtException(thread, thrown);
    }
  }

  private Optional<Bundle> owner(Thread thread, Throwable thrown) {
    if (thread.getContextClassLoader() instanceof BundleReference reference
        && Locations.isModule(reference.getBundle())) {
      return Optional.of(reference.getBundle());
    }
    List<Bundle> modules = modules();
    for (StackTraceElement frame : thrown.getStackTrace()) {
      String file = frame.getClassName().replace('.', '/') + ".class";
      List<Bundle> holders = modules.stream().filter(m -> m.getEntry(file) != null).toList();
      if (!holders.isEmpty()) {
        return holders.size() == 1 ? Optional.of(holders.get(0)) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private List<Bundle> modules() {
    try {
      List<Bundle> modules = new ArrayList<>();
      for (Bundle bundle : context.getBundles()) {
        if (Locations.isModule(bundle)) {
          modules.add(bundle);
        }
      }
      return modules;
    } catch (IllegalStateException e) {
      return List.of();
    }
  }

  @Override
  public void close() {
    if (Thread.getDefaultUncaughtExceptionHandler() == own) {
      Thread.setDefaultUncaughtExceptionHandler(former);
    }
  }
}
