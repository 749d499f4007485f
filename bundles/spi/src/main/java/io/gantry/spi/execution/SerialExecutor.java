package io.gantry.spi.execution;

import java.util.concurrent.Executor;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Runs tasks one after another, in the order given, on whichever thread is free: the one owner of
 * some mutable state. An exception of a task is logged and does not stop the next one.
 */
@ProviderType
public interface SerialExecutor extends Executor, AutoCloseable {

  /** Whether the calling thread is running a task of this executor now. */
  boolean isCurrent();

  /**
   * Lets the tasks already given run to their end (at most 5 s are waited for, not at all when
   * called from one of them) and refuses further ones with {@code RejectedExecutionException}.
   */
  @Override
  void close();
}
