package io.gantry.store.queue;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the name of a file of the log says: the offset it begins with, and for one that was merged
 * from others also where the next file begins and how many mergers led to it. The name alone says
 * what it stands in for, so that a power cut in the midst of replacing files does no harm.
 *
 * @param first no record in it has a smaller offset
 * @param following first offset of the next file, or -1 for a file that was not merged
 * @param generation 0 for a file that was not merged
 */
record LogName(long first, long following, int generation) {

  /** The end of the name of a merged file that is not finished. */
  static final String UNFINISHED = ".new";

  private static final Pattern TEXT = Pattern.compile("(\\d{19})(?:-(\\d{19})-(\\d{1,9}))?\\.log");

  static boolean isLog(Path path) {
    return TEXT.matcher(path.getFileName().toString()).matches();
  }

  /** The name of a file for which {@link #isLog} holds. */
  static LogName of(Path path) {
    Matcher text = TEXT.matcher(path.getFileName().toString());
    if (!text.matches()) {
      throw new IllegalArgumentException("expected a file of the log, found " + path);
    }
    long first = Long.parseLong(text.group(1));
    return text.group(2) == null
        ? new LogName(first, -1, 0)
        : new LogName(first, Long.parseLong(text.group(2)), Integer.parseInt(text.group(3)));
  }

  boolean isMerged() {
    return generation > 0;
  }

  /** Whether it has in it what is still needed of the other one. */
  boolean covers(LogName other) {
    return isMerged()
        && other.generation < generation
        && other.first >= first
        && other.first < following;
  }

  String text() {
    return isMerged()
        ? String.format("%019d-%019d-%d.log", first, following, generation)
        : String.format("%019d.log", first);
  }
}
