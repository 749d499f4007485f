package io.gantry.itest.framework.forecast.module;

import io.gantry.itest.framework.forecast.service.Measure;

/** Offers a service as long as it has another one. */
public final class Relay implements Measure {

  /** What it needs is there. */
  public void bind(Measure measure) {
    // It is enough to use it.
  }

  /** It is there no more. */
  public void unbind(Measure measure) {
    // It is used no more.
  }
}
