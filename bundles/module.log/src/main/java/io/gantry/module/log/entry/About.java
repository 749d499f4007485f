package io.gantry.module.log.entry;

import io.gantry.module.log.ring.Rings;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Of which module a line of the runtime speaks: by our convention it begins with the word and the
 * name. Why a module did not start is said by the bundle that starts it, and looked for in the log
 * of the module.
 */
final class About {

  private static final Set<String> SPEAKERS =
      Set.of("io.gantry.agent", "io.gantry.module.host", "io.gantry.module.client");

  private static final Pattern BEGIN = Pattern.compile("(?:AGENT-\\d{2} )?[Mm]odule ([^ ]+?):? ");

  private About() {}

  /** Whether lines of this bundle of the runtime may speak of a module. */
  static boolean isSpeaker(String symbolicName) {
    return SPEAKERS.contains(symbolicName);
  }

  /** The name of the module. */
  static Optional<String> module(String message) {
    Matcher begin = BEGIN.matcher(message);
    return begin.lookingAt() ? Optional.of(begin.group(1)).filter(Rings::isLog) : Optional.empty();
  }
}
