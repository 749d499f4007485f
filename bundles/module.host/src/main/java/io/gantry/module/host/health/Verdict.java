package io.gantry.module.host.health;

/**
 * What the health checks of a module say together.
 *
 * @param grade the worst of them
 * @param text a sentence for a person; blank when it is healthy
 */
public record Verdict(Grade grade, String text) {

  /** From good to bad. */
  public enum Grade {
    /** All are well; warnings count as well. */
    HEALTHY,
    /** One of them is temporarily unavailable. */
    NOT_YET,
    /** One of them fails, cannot be executed, or does not answer. */
    UNHEALTHY
  }

  /** Nobody complains. */
  public static final Verdict HEALTHY = new Verdict(Grade.HEALTHY, "");

  Verdict worse(Verdict other) {
    return other.grade.compareTo(grade) > 0 ? other : this;
  }
}
