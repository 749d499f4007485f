package io.gantry.routing.eval;

/** What is known of a term before any message has come. */
enum Type {
  TEXT,
  NUMBER,
  BOOL,
  /** A value of the body, or null or undefined: known only with the message. */
  ANY;

  /** Whether two terms can be compared. */
  boolean fits(Type other) {
    return this == ANY || other == ANY || this == other;
  }

  /** For error texts. */
  String describe() {
    return switch (this) {
      case TEXT -> "a text";
      case NUMBER -> "a number";
      case BOOL -> "true or false";
      case ANY -> "any value";
    };
  }
}
