package io.gantry.spi.execution;

import java.util.concurrent.ThreadFactory;
import org.osgi.annotation.versioning.ProviderType;

/** Where threads come from. */
@ProviderType
public interface Threads {

  /**
   * A new serial executor on the shared pool. Its tasks may block for short (a disk read, a call
   * into a module).
   *
   * @param name for logs and thread dumps
   */
  SerialExecutor serial(String name);

  /**
   * Makes named daemon threads for owners that run their own loop (a network event loop, the
   * store's writer).
   *
   * @param name the threads are called {@code gantry-name-1}, {@code gantry-name-2}, ...
   */
  ThreadFactory factory(String name);
}
