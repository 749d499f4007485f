package io.gantry.platform.thread;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Daemon threads called {@code gantry-name-1}, {@code gantry-name-2}, ... */
final class NamedThreads implements ThreadFactory {

  private static final Logger LOG = LoggerFactory.getLogger(NamedThreads.class);

  private final String name;
  private final AtomicInteger count = new AtomicInteger();

  NamedThreads(String name) {
    this.name = name;
  }

  @Override
  public Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "gantry-" + name + "-" + count.incrementAndGet());
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler(
        (dead, problem) -> LOG.error("Thread {} ended by an exception", dead.getName(), problem));
    return thread;
  }
}
