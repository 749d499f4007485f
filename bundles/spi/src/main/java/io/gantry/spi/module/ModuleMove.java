package io.gantry.spi.module;

import java.util.Optional;

/**
 * A step of a deployment that has not been made yet, for {@link ModuleRuntime#disturbances}.
 *
 * @param module its name
 * @param kind what would be done with it
 * @param next what would be put in place; empty when nothing is, and when that is not known before
 *     the download
 * @param runs whether the module runs afterwards
 */
public record ModuleMove(String module, Kind kind, Optional<PreparedModule> next, boolean runs) {

  /** What would be done. */
  public enum Kind {
    /** It is put in place where there is no module of this name. */
    INSTALL,
    /** It takes over from the one that is there while both run. */
    SWAP,
    /** The one that is there is stopped first. */
    REPLACE,
    /** The one that is there is started. */
    START,
    /** It is stopped, and stays. */
    STOP,
    /** It is stopped and goes. */
    REMOVE
  }
}
