package io.gantry.module.log.intake;

import java.util.concurrent.atomic.AtomicLong;

/** Whose lines they are: the lines of several bundles may go into one log. Any thread. */
public final class Source {

  private final String log;
  final AtomicLong waiting = new AtomicLong();
  final AtomicLong lost = new AtomicLong();

  Source(String log) {
    this.log = log;
  }

  /** The name of the log. */
  public String log() {
    return log;
  }
}
