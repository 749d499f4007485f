package io.gantry.platform.thread;

import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One pool for all serial executors. Their tasks are allowed to block (a module's handler, a disk),
 * and a module that blocks for ever must not starve another, so the pool hands a task to an idle
 * thread or makes one. Its size is bounded by the number of serial executors, each of which runs
 * one task at a time; threads go after 30 s without work.
 */
public final class PooledThreads implements Threads, AutoCloseable {

  private static final long IDLE_SECONDS = 30;

  private final ThreadPoolExecutor pool =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          new NamedThreads("pool"));

  @Override
  public SerialExecutor serial(String name) {
    return new PooledSerialExecutor(name, pool);
  }

  @Override
  public ThreadFactory factory(String name) {
    return new NamedThreads(name);
  }

  /** Lets what was given run to its end and takes nothing more. */
  @Override
  public void close() {
    pool.shutdown();
  }
}
