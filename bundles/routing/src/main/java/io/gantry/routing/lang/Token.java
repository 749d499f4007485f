package io.gantry.routing.lang;

/**
 * A word of a route.
 *
 * @param kind what sort of word
 * @param text as written; for {@link Kind#STRING} what the literal stands for
 * @param column where it begins, counted from 1
 */
record Token(Kind kind, String text, int column) {

  enum Kind {
    /** A keyword, function or property: letters first. */
    NAME,
    /** {@code $name}. */
    SYSTEM_NAME,
    NUMBER,
    STRING,
    /** An operator or bracket. */
    SYMBOL,
    END
  }

  boolean is(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  boolean isWord(String word) {
    return kind == Kind.NAME && text.equalsIgnoreCase(word);
  }

  /** For error texts. */
  String describe() {
    return kind == Kind.END ? "the end" : "'" + text + "'";
  }
}
