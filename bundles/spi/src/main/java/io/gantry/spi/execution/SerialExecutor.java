package io.gantry.spi.execution;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Runs tasks one after another, in the order given, on whichever thread is free: the one owner of
 * some mutable state. An exception of a task is logged and does not stop the next one.
 */
@ProviderType
public interface SerialExecutor extends Executor, AutoCloseable {

  /**
   * Runs a task as {@link #execute} does, for whoever expects that this may be closed already.
   *
   * @return whether it was not closed; if it was, the task is left out
   */
  default boolean offer(Runnable task) {
    try {
      execute(task);
      return true;
    } catch (RejectedExecutionException closed) {
      return false;
    }
  }

  /** Whether the calling thread is running a task of this executor now. */
  boolean isCurrent();

  /**
   * Lets the tasks already given run to their end (at most 5 s are waited for, not at all when
   * called from one of them) and refuses further ones with {@code RejectedExecutionException}.
   */
  @Override
  void close();
}
