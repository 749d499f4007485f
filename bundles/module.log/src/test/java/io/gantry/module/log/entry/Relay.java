package io.gantry.module.log.entry;

import java.util.function.Consumer;

/** Runs what it is given: loaded by a bundle, it puts that bundle on the stack. */
public final class Relay implements Consumer<Runnable> {

  @Override
  public void accept(Runnable task) {
    task.run();
  }
}
