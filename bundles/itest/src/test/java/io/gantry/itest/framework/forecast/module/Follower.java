package io.gantry.itest.framework.forecast.module;

import io.gantry.itest.framework.forecast.service.Measure;

/** Uses a service. */
public final class Follower {

  /** What it needs is there. */
  public void bind(Measure measure) {
    // It is enough to use it.
  }

  /** It is there no more. */
  public void unbind(Measure measure) {
    // It is used no more.
  }
}
