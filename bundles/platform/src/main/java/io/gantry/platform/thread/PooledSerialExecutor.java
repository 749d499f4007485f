package io.gantry.platform.thread;

import io.gantry.spi.execution.SerialExecutor;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks wait in a queue; whoever adds the first one asks the pool for a thread, which runs them
 * until none is left. The count of waiting tasks is the lock: only the step from 0 to 1 starts a
 * run, only the step to 0 ends it. After a batch the thread goes back to the pool, so that a busy
 * executor does not keep the others waiting for it.
 */
final class PooledSerialExecutor implements SerialExecutor {

  private static final Logger LOG = LoggerFactory.getLogger(PooledSerialExecutor.class);
  private static final int BATCH = 256;
  private static final long CLOSE_SECONDS = 5;

  private final String name;
  private final Executor pool;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile @Nullable Thread running;
  private volatile boolean closed;

  PooledSerialExecutor(String name, Executor pool) {
    this.name = name;
    this.pool = pool;
  }

  @Override
  public void execute(Runnable task) {
    if (closed) {
      throw new RejectedExecutionException("executor " + name + " is closed");
    }
    add(task);
  }

  private void add(Runnable task) {
    tasks.add(task);
    if (waiting.getAndIncrement() == 0) {
      pool.execute(this::runBatches);
    }
  }

  /** Goes on with the next batch itself when the pool takes nothing more: what was given runs. */
  private void runBatches() {
    while (runBatch()) {
      try {
        pool.execute(this::runBatches);
        return;
      } catch (RejectedExecutionException closing) {
        LOG.debug("The pool is closing; {} ends its tasks on this thread", name);
      }
    }
  }

  /** Runs some of what waits; whether there is more. */
  private boolean runBatch() {
    running = Thread.currentThread();
    int done = 0;
    try {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        run(task);
        done++;
        if (done == BATCH) {
          break;
        }
      }
    } finally {
      running = null;
    }
    return waiting.addAndGet(-done) > 0;
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable problem) {
      LOG.error("A task of {} failed; the next one runs", name, problem);
    }
  }

  @Override
  public boolean isCurrent() {
    return running == Thread.currentThread();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (isCurrent()) {
      return;
    }
    CountDownLatch last = new CountDownLatch(1);
    try {
      add(last::countDown);
      if (!last.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("{} still runs a task after {} s; not waiting for it", name, CLOSE_SECONDS);
      }
    } catch (RejectedExecutionException poolClosed) {
      LOG.debug("The pool was closed before {}; nothing of it runs any more", name);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "SerialExecutor[" + name + "]";
  }
}
