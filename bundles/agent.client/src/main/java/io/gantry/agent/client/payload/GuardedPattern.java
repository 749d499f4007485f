package io.gantry.agent.client.payload;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression that a caller gave. Some take longer than the universe is old for a text of
 * a hundred characters; so the steps of each are counted, and when there are too many it ends. For
 * one thread.
 */
public final class GuardedPattern {

  private static final int MOST_CHARACTERS = 1000;

  /** About a second's work, for all texts together. */
  private static final long MOST_STEPS = 50_000_000;

  private final String place;
  private final Pattern pattern;
  private long steps = MOST_STEPS;

  private GuardedPattern(String place, Pattern pattern) {
    this.place = place;
    this.pattern = pattern;
  }

  /** Reads a pattern; case is not compared. */
  public static GuardedPattern of(String place, String text) throws BadArgumentException {
    if (text.length() > MOST_CHARACTERS) {
      throw new BadArgumentException(
          place
              + ": expected a regular expression of at most "
              + MOST_CHARACTERS
              + " characters, found "
              + text.length());
    }
    try {
      int flags = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.DOTALL;
      return new GuardedPattern(place, Pattern.compile(text, flags));
    } catch (PatternSyntaxException malformed) {
      throw new BadArgumentException(
          place
              + ": expected a regular expression, found one with an error at "
              + malformed.getIndex()
              + ": "
              + malformed.getDescription());
    } catch (StackOverflowError tooDeep) {
      throw new BadArgumentException(place + ": expected a simpler regular expression");
    }
  }

  /**
   * Whether something in the text matches.
   *
   * @throws TooSlowException when that takes too long
   */
  public boolean isIn(String text) {
    try {
      return pattern.matcher(new Counted(text, 0, text.length())).find();
    } catch (StackOverflowError tooDeep) {
      throw new TooSlowException(place);
    }
  }

  /** A pattern that takes too long; the text is for the caller. */
  public static final class TooSlowException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TooSlowException(String place) {
      super(place + ": expected a regular expression that is quick to find, found one that is not");
    }
  }

  /** A text that counts how often it is looked at. */
  private final class Counted implements CharSequence {

    private final String text;
    private final int from;
    private final int to;

    Counted(String text, int from, int to) {
      this.text = text;
      this.from = from;
      this.to = to;
    }

    @Override
    public int length() {
      return to - from;
    }

    @Override
    public char charAt(int index) {
      if (--steps < 0) {
        throw new TooSlowException(place);
      }
      return text.charAt(from + index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Counted(text, from + start, from + end);
    }

    @Override
    public String toString() {
      return text.substring(from, to);
    }
  }
}
