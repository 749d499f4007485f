package io.gantry.module.host.fetch;

import io.gantry.spi.execution.Threads;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what waits for other machines: a few tasks at once, in the order given, each on a thread of
 * ours, because it may wait for minutes and the shared pool is not for that. The threads end when
 * nothing is left to do.
 */
public final class Lanes implements Executor, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);
  private static final int MAX = 4;

  private final ThreadFactory threads;
  private final Lock lock = new ReentrantLock();
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int running;
  private boolean closed;

  public Lanes(Threads threads) {
    this.threads = threads.factory("module-fetch");
  }

  @Override
  public void execute(Runnable task) {
    boolean another;
    lock.lock();
    try {
      if (closed) {
        throw new RejectedExecutionException("the module host is being closed");
      }
      waiting.add(task);
      another = running < MAX;
      running += another ? 1 : 0;
    } finally {
      lock.unlock();
    }
    if (another) {
      begin(task);
    }
  }

  /**
   * When the system has no thread left, who asked is told, and there is room for who asks later.
   */
  private void begin(Runnable task) {
    try {
      threads.newThread(this::work).start();
    } catch (Error none) {
      if (hasGivenBack(task)) {
        throw none;
      }
    }
  }

  /** Not when another lane has taken it. */
  private boolean hasGivenBack(Runnable task) {
    lock.lock();
    try {
      running--;
      return waiting.remove(task);
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    for (Runnable task = next(); task != null; task = next()) {
      try {
        task.run();
      } catch (RuntimeException | LinkageError | StackOverflowError e) {
        LOG.error("a task of the module host failed unexpectedly", e);
      }
    }
  }

  private @Nullable Runnable next() {
    lock.lock();
    try {
      Runnable task = waiting.poll();
      running -= task == null ? 1 : 0;
      return task;
    } finally {
      lock.unlock();
    }
  }

  /** What was given runs to its end, which is not waited for. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }
}
