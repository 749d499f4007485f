package io.gantry.spi.routing;

/**
 * Why a route cannot be used.
 *
 * @param route its name
 * @param column where in its text, counted from 1
 * @param text what was expected and what was found
 */
public record RouteError(String route, int column, String text) {

  @Override
  public String toString() {
    return "route '" + route + "', column " + column + ": " + text;
  }
}
