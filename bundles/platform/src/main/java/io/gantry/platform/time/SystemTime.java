package io.gantry.platform.time;

import java.time.Instant;
import java.time.InstantSource;

/** The machine's clock; the only place in the runtime that asks for the time. */
public final class SystemTime implements InstantSource {

  @Override
  public Instant instant() {
    return Instant.now();
  }

  @Override
  public long millis() {
    return System.currentTimeMillis();
  }
}
