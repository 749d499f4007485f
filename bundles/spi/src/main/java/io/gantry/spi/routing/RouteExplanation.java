package io.gantry.spi.routing;

import java.util.List;

/**
 * Why a route fires for a message, or does not.
 *
 * @param fires whether it does
 * @param reasons sentences, the deciding terms of the condition with the values they met; these are
 *     values of the message
 */
public record RouteExplanation(boolean fires, List<String> reasons) {
  public RouteExplanation {
    reasons = List.copyOf(reasons);
  }
}
