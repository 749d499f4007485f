package io.gantry.routing.eval;

/** A compiled condition. Safe for use by any number of threads; never fails. */
@FunctionalInterface
public interface Condition {

  /** Whether the condition is exactly true for this message. */
  boolean holds(Scope scope);
}
