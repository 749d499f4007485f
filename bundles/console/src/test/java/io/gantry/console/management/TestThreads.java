package io.gantry.console.management;

import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import java.util.concurrent.ThreadFactory;

/** Real daemon threads. */
final class TestThreads implements Threads {

  @Override
  public SerialExecutor serial(String name) {
    throw new UnsupportedOperationException("the management API has no serial executor");
  }

  @Override
  public ThreadFactory factory(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }
}
