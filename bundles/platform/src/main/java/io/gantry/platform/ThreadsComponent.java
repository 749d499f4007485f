package io.gantry.platform;

import io.gantry.platform.thread.PooledThreads;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import java.util.concurrent.ThreadFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** Offers the pool. */
@Component
public final class ThreadsComponent implements Threads {

  private final PooledThreads threads = new PooledThreads();

  @Activate
  public ThreadsComponent() {}

  @Deactivate
  void deactivate() {
    threads.close();
  }

  @Override
  public SerialExecutor serial(String name) {
    return threads.serial(name);
  }

  @Override
  public ThreadFactory factory(String name) {
    return threads.factory(name);
  }
}
