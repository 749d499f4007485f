package io.gantry.itest.flow.deployed.library;

import org.osgi.framework.FrameworkUtil;

/** The whole code of a bundle that modules share. */
public final class Library {

  private Library() {}

  /** The version of the bundle that whoever asks is wired to. */
  public static String version() {
    return FrameworkUtil.getBundle(Library.class).getVersion().toString();
  }
}
