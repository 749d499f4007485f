package io.gantry.agent.client.payload;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression that a caller gave. Some take longer than the universe is old for a text of
 * a hundred characters; so the steps of each are counted, and when there are too many it ends. What
 * is repeated a given number of times may be empty, and then takes time without a step: so these
 * numbers are bounded, and each step counts for more where there are some. For one thread.
 */
public final class GuardedPattern {

  private static final int MOST_CHARACTERS = 1000;

  /** About a second's work, for all texts together. */
  private static final long MOST_STEPS = 50_000_000;

  /** Of all numbers of repetitions together, as they would be if each stood in the other. */
  private static final long MOST_REPETITIONS = 10_000;

  private static final long REPETITIONS_OF_A_STEP = 1000;
  private static final Pattern REPETITION = Pattern.compile("\\{\\s*(\\d+)");

  private final String place;
  private final Pattern pattern;
  private final long cost;
  private long steps = MOST_STEPS;

  private GuardedPattern(String place, Pattern pattern, long repetitions) {
    this.place = place;
    this.pattern = pattern;
    this.cost = 1 + repetitions / REPETITIONS_OF_A_STEP;
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
    long repetitions = repetitions(place, text);
    try {
      int flags = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.DOTALL;
      return new GuardedPattern(place, Pattern.compile(text, flags), repetitions);
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

  private static long repetitions(String place, String text) throws BadArgumentException {
    long product = 1;
    Matcher number = REPETITION.matcher(text);
    while (number.find()) {
      String digits = number.group(1);
      product *= digits.length() > 5 ? MOST_REPETITIONS + 1 : Math.max(1, Long.parseLong(digits));
      if (product > MOST_REPETITIONS) {
        throw new BadArgumentException(
            place
                + ": expected a regular expression with at most "
                + MOST_REPETITIONS
                + " repetitions, all numbers in {} multiplied, found more");
      }
    }
    return product;
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
      steps -= cost;
      if (steps < 0) {
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
