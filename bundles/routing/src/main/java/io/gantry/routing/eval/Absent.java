package io.gantry.routing.eval;

/** Values that are none. */
enum Absent {
  /** Not there, or nothing that can be said of it. Infects comparisons. */
  UNDEFINED,
  /** Present without a value. */
  NULL,
  /** A path that the body does not have: compares as null, but is not defined. */
  MISSING;

  static boolean isNullLike(Object value) {
    return value == NULL || value == MISSING;
  }
}
