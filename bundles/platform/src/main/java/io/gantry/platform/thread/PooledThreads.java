package io.gantry.platform.thread;

import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pool for all serial executors. Their tasks are allowed to block (a module's handler, a disk),
 * and a module that blocks for ever must not starve another, so the pool hands a task to an idle
 * thread or makes one. Its size is bounded by the number of serial executors, each of which runs
 * one task at a time; threads go after 30 s without work.
 *
 * <p>One thread more is there from the beginning and waits for the moment at which the system has
 * none left: then it runs what would have needed a new one. What was given to an executor runs at
 * any rate; else who waits for it would wait for ever.
 */
public final class PooledThreads implements Threads, AutoCloseable {

  private static final long IDLE_SECONDS = 30;

  private static final Logger LOG = LoggerFactory.getLogger(PooledThreads.class);
  private static final Runnable END = () -> {};

  private final ThreadPoolExecutor pool;
  private final BlockingQueue<Runnable> left = new LinkedBlockingQueue<>();
  private final AtomicBoolean told = new AtomicBoolean();

  /** A pool of daemon threads. */
  public PooledThreads() {
    this(new NamedThreads("pool"));
  }

  PooledThreads(ThreadFactory threads) {
    pool =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            threads);
    new NamedThreads("pool-reserve").newThread(this::runLeft).start();
  }

  @Override
  public SerialExecutor serial(String name) {
    return new PooledSerialExecutor(name, this::run);
  }

  private void run(Runnable tasks) {
    try {
      pool.execute(tasks);
    } catch (OutOfMemoryError none) {
      if (!told.getAndSet(true)) {
        LOG.error("The system has no thread left; one does the work of several. Told once", none);
      }
      left.add(tasks);
    }
  }

  /** On the one thread that is there, unless the pool has a thread for them by now. */
  private void runLeft() {
    try {
      for (Runnable next = left.take(); next != END; next = left.take()) {
        runHere(next);
      }
    } catch (InterruptedException nobodyDoesThat) {
      Thread.currentThread().interrupt();
    }
  }

  private void runHere(Runnable tasks) {
    try {
      pool.execute(tasks);
    } catch (OutOfMemoryError | RejectedExecutionException stillNone) {
      tasks.run();
    }
  }

  @Override
  public ThreadFactory factory(String name) {
    return new NamedThreads(name);
  }

  /** Lets what was given run to its end and takes nothing more. */
  @Override
  public void close() {
    pool.shutdown();
    left.add(END);
  }
}
