package io.gantry.routing.eval;

/** A compiled part of a condition. */
record Term(Type type, Code code) {

  /** Gives a String, Double, Boolean or {@link Absent}; never fails. */
  @FunctionalInterface
  interface Code {
    Object value(Scope scope);
  }
}
