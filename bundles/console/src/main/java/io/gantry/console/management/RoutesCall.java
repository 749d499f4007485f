package io.gantry.console.management;

import io.gantry.console.status.Gateway;
import io.gantry.console.status.StatusJson;
import io.gantry.console.status.StatusText;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteExplanation;
import io.gantry.spi.routing.RouteHistory;
import io.gantry.spi.routing.RouteTable;
import java.io.IOException;
import java.util.List;

/** {@code /v1/routes} and {@code /v1/queues}: explain routes, forget what waits. */
final class RoutesCall {

  private static final int LONGEST_BODY = 1 << 20;
  private static final int MOST = 64;
  private static final int USUAL = 10;

  private final Gateway gateway;

  RoutesCall(Gateway gateway) {
    this.gateway = gateway;
  }

  private RouteTable routes() throws ApiException {
    return gateway
        .routes()
        .orElseThrow(() -> new ApiException(503, "routing is not there: see status"));
  }

  private static String route(Call call) throws ApiException {
    return call.parameter("route").orElseThrow(() -> new ApiException(400, "route: name one"));
  }

  /** What the route that {@code route} names makes of the message in the body. */
  void explain(Call call) throws IOException, ApiException {
    String route = route(call);
    RouteTable routes = routes();
    MessageReader.Given given = MessageReader.read(call.body(LONGEST_BODY));
    RouteExplanation explanation =
        routes
            .explain(route, given.source(), given.message())
            .orElseThrow(() -> new ApiException(404, noRoute(route, routes)));
    call.answer(
        200, StatusJson.explained(route, explanation), StatusText.explained(route, explanation));
  }

  /** What it made of the last messages that passed, {@code last} of them, ten unless told. */
  void recent(Call call) throws IOException, ApiException {
    String route = route(call);
    RouteTable routes = routes();
    long most = call.number("last").orElse((long) USUAL);
    if (most < 1 || most > MOST) {
      throw new ApiException(400, "last: expected 1 to " + MOST + ", found " + most);
    }
    List<RouteHistory> histories =
        routes
            .explainLast(route, (int) most)
            .orElseThrow(() -> new ApiException(404, noRoute(route, routes)));
    call.answer(
        200, StatusJson.explained(route, histories), StatusText.explained(route, histories));
  }

  private static String noRoute(String route, RouteTable routes) {
    List<String> names = routes.routes().stream().map(RouteDefinition::name).toList();
    return "there is no route '" + route + "'; there are " + names;
  }

  /** Forgets what waits for the endpoint that {@code address} names. */
  void purge(Call call) throws IOException, ApiException {
    String address =
        call.parameter("address").orElseThrow(() -> new ApiException(400, "address: name one"));
    long purged =
        Outcome.of(routes().purge(address))
            .orElseThrow(
                () -> new ApiException(404, "there is no queue '" + address + "': see status"));
    String messages = purged == 1 ? " message" : " messages";
    call.answer(200, "{\"purged\":" + purged + "}\n", "purged " + purged + messages + "\n");
  }
}
