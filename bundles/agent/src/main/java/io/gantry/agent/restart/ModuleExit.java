package io.gantry.agent.restart;

import io.gantry.agent.manifest.Secrets;
import java.time.Instant;

/**
 * How a module ended.
 *
 * @param code 0 when it stopped by itself without failure, 1 when it failed, 2 when it runs but
 *     says that it is not healthy
 * @param at when
 * @param text why, for a person
 */
public record ModuleExit(int code, Instant at, String text) {

  /** It stopped by itself without failure. */
  public static final int CLEAN = 0;

  /** Its activator, a component or a thread of it threw. */
  public static final int FAILURE = 1;

  /** It runs, but one of its health checks fails or one of its handlers hangs. */
  public static final int UNHEALTHY = 2;

  /** The text is in the words of the module, or of a library in it, which know no discretion. */
  public ModuleExit {
    text = Secrets.hide(text);
  }
}
