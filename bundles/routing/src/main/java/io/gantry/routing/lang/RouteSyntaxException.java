package io.gantry.routing.lang;

/** A route text that is not one; says where and what was expected. */
public final class RouteSyntaxException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int column;

  /**
   * @param column counted from 1
   * @param text what was expected and what was found
   */
  public RouteSyntaxException(int column, String text) {
    super(text);
    this.column = column;
  }

  /** Where in the text, counted from 1. */
  public int column() {
    return column;
  }
}
