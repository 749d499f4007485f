package io.gantry.platform.thread;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Daemon threads called {@code gantry-name-1}, {@code gantry-name-2}, ...
 *
 * <p>They inherit nothing from who happened to ask for the first one. Often that is a module which
 * sends a message; with its context class loader, or its classes in the access control context that
 * Java up to 23 notes for each thread, a thread of the pool would hold the module in memory long
 * after it was replaced, and be taken for one of its own.
 */
final class NamedThreads implements ThreadFactory {

  private static final Logger LOG = LoggerFactory.getLogger(NamedThreads.class);

  private final String name;
  private final AtomicInteger count = new AtomicInteger();

  NamedThreads(String name) {
    this.name = name;
  }

  @Override
  @SuppressWarnings("removal")
  public Thread newThread(Runnable task) {
    Thread thread = AccessController.doPrivileged((PrivilegedAction<Thread>) () -> make(task));
    thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler(
        (dead, problem) -> LOG.error("Thread {} ended by an exception", dead.getName(), problem));
    return thread;
  }

  /** Without inheritable thread locals, either. */
  private Thread make(Runnable task) {
    return new Thread(null, task, "gantry-" + name + "-" + count.incrementAndGet(), 0, false);
  }
}
