package io.gantry.module.host.bundle;

/** Says what code of modules has thrown: an exception's own words are their code, too. */
public final class Thrown {

  private Thrown() {}

  /** As {@code toString} has it, unless that throws itself. */
  public static String text(Throwable thrown) {
    try {
      return thrown.toString();
    } catch (Throwable e) {
      return thrown.getClass().getName() + " (it cannot say why: " + e.getClass().getName() + ")";
    }
  }
}
