package io.gantry.testkit.time;

import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;

/**
 * Serial executors that run on the test's thread when the test says so. An exception of a task
 * reaches the test. Only tasks may come from other threads, as those of a {@link #factory} bring
 * them.
 */
public final class ManualThreads implements Threads {

  private final List<ManualSerial> serials = new ArrayList<>();

  @Override
  public ManualSerial serial(String name) {
    ManualSerial serial = new ManualSerial(name);
    serials.add(serial);
    return serial;
  }

  /** Real daemon threads: a loop of its own cannot run on the test's thread. */
  @Override
  public ThreadFactory factory(String name) {
    return task -> {
      Thread thread = new Thread(task, "test-" + name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Runs all executors until none has a task left. */
  public void runAll() {
    boolean ran = true;
    while (ran) {
      ran = false;
      for (ManualSerial serial : List.copyOf(serials)) {
        ran |= serial.run() > 0;
      }
    }
  }

  /** One executor; its tasks wait for {@link #run}. */
  public static final class ManualSerial implements SerialExecutor {

    private final String name;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private boolean running;
    private volatile boolean closed;

    private ManualSerial(String name) {
      this.name = name;
    }

    @Override
    public void execute(Runnable task) {
      if (closed) {
        throw new RejectedExecutionException("executor " + name + " is closed");
      }
      tasks.add(task);
    }

    /** Runs what waits and what that adds; returns how many tasks ran. */
    public int run() {
      if (running) {
        return 0;
      }
      running = true;
      int ran = 0;
      try {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          ran++;
          task.run();
        }
      } finally {
        running = false;
      }
      return ran;
    }

    @Override
    public boolean isCurrent() {
      return running;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        run();
      }
    }
  }
}
