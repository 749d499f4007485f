package io.gantry.module.client.traffic;

import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;

/**
 * Tasks that call a module, one after another, in order. The one that runs may be given up: the
 * others then go on without waiting for it. Any thread.
 */
public final class Line implements AutoCloseable {

  private final Threads threads;
  private final String name;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private volatile SerialExecutor executor;
  private volatile boolean closed;

  /**
   * @param name for logs and thread dumps
   */
  public Line(Threads threads, String name) {
    this.threads = threads;
    this.name = name;
    this.executor = threads.serial(name);
  }

  /** Adds a task; fails with {@code RejectedExecutionException} once it is closed. */
  public void execute(Runnable task) {
    if (closed) {
      throw new RejectedExecutionException(name + " is closed");
    }
    tasks.add(task);
    ask(executor);
  }

  private void ask(SerialExecutor present) {
    try {
      present.execute(this::next);
    } catch (RejectedExecutionException givenUp) {
      if (closed) {
        throw givenUp;
      }
      // Whoever gave it up has looked at the tasks, or does so now.
    }
  }

  private void next() {
    if (isCurrent()) {
      Runnable task = tasks.poll();
      if (task != null) {
        task.run();
      }
    }
  }

  /** Whether this thread runs a task of it that was not given up. */
  public boolean isCurrent() {
    return executor.isCurrent();
  }

  /** The task that runs now is not waited for any more. Called by one thread at a time. */
  public void giveUp() {
    SerialExecutor left = executor;
    SerialExecutor fresh = threads.serial(name);
    executor = fresh;
    tasks.forEach(task -> ask(fresh));
    left.execute(left::close);
  }

  /** Runs what it was given, and takes nothing more. Waits for nobody: a module may hang. */
  @Override
  public void close() {
    closed = true;
    SerialExecutor last = executor;
    last.execute(last::close);
  }
}
