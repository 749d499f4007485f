package io.gantry.itest.flow.deployed;

import io.gantry.itest.flow.deployed.library.Library;
import java.util.Map;

/** One that is wired to a library. */
public final class SharingModule extends StateModule {

  /** With the settings that are visible to it. */
  public SharingModule(Map<String, Object> settings) {
    super(settings, Library.version());
  }
}
