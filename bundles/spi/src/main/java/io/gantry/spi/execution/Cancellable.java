package io.gantry.spi.execution;

/** Something that may be called off. */
@FunctionalInterface
public interface Cancellable {

  /** Calls it off; a task that has begun is not interrupted. Calling twice does nothing more. */
  void cancel();
}
