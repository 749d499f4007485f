package io.gantry.module.host.watch;

import io.gantry.module.host.bundle.Thrown;
import java.lang.Thread.UncaughtExceptionHandler;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that a thread of a module ended with an exception. Java has one default handler for the
 * whole process, so we stand before the former one and pass everything on.
 *
 * <p>A thread that catches its exceptions, as those of an executor do, is never seen here.
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
    String text = "its thread " + thread.getName() + " ended with " + Thrown.text(thrown);
    new ThreadOwners(context)
        .of(thread, thrown.getStackTrace())
        .ifPresent(owned -> target.accept(owned.module(), text));
    LOG.error("thread {} ended with an exception", thread.getName(), thrown);
    if (former != null) {
      former.uncaughtException(thread, thrown);
    }
  }

  @Override
  public void close() {
    if (Thread.getDefaultUncaughtExceptionHandler() == own) {
      Thread.setDefaultUncaughtExceptionHandler(former);
    }
  }
}
