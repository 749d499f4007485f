package io.gantry.routing.table;

import io.gantry.api.message.Message;
import io.gantry.routing.eval.BodyPaths;
import io.gantry.routing.eval.Condition;
import io.gantry.routing.eval.ConditionCompiler;
import io.gantry.routing.eval.Explainer;
import io.gantry.routing.eval.Scope;
import io.gantry.routing.lang.Route;
import io.gantry.routing.lang.RouteParser;
import io.gantry.routing.lang.RouteSyntaxException;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteError;
import io.gantry.spi.routing.RouteExplanation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A set of routes, compiled. Routes are looked up by the source of the message, so that a message
 * pays for its candidates only. Safe for use by any number of threads.
 */
public final class CompiledRoutes {

  /** No routes at all. */
  public static final CompiledRoutes NONE = compile(List.of()).routes();

  private static final int MAX_SOURCES = 4_096;

  private record Compiled(String name, Route route, Condition condition) {

    EndpointAddress sink() {
      return route.sink();
    }

    boolean takes(String source) {
      String lower = source.toLowerCase(Locale.ROOT);
      String prefix = route.source();
      return lower.startsWith(prefix)
          && (lower.length() == prefix.length() || lower.charAt(prefix.length()) == '/');
    }
  }

  /**
   * What compiling gives.
   *
   * @param routes the good ones
   * @param errors what is wrong with the others
   */
  public record Result(CompiledRoutes routes, List<RouteError> errors) {}

  private final List<RouteDefinition> definitions;
  private final List<Compiled> routes;
  private final BodyPaths paths;
  private final Map<String, List<Compiled>> candidates = new ConcurrentHashMap<>();

  private CompiledRoutes(
      List<RouteDefinition> definitions, List<Compiled> routes, BodyPaths paths) {
    this.definitions = definitions;
    this.routes = routes;
    this.paths = paths;
  }

  /** Compiles each route and gathers all errors. */
  public static Result compile(Collection<RouteDefinition> definitions) {
    BodyPaths paths = new BodyPaths();
    ConditionCompiler compiler = new ConditionCompiler(paths);
    Map<String, RouteDefinition> good = new HashMap<>();
    List<Compiled> routes = new ArrayList<>();
    List<RouteError> errors = new ArrayList<>();
    for (RouteDefinition definition : definitions) {
      try {
        Route route = RouteParser.parse(definition.text());
        Condition condition = compiler.compile(route.condition());
        if (good.putIfAbsent(definition.name(), definition) != null) {
          errors.add(
              new RouteError(definition.name(), 1, "expected one route of this name, found two"));
        }
        routes.add(new Compiled(definition.name(), route, condition));
      } catch (RouteSyntaxException error) {
        errors.add(new RouteError(definition.name(), error.column(), error.getMessage()));
      }
    }
    return new Result(
        new CompiledRoutes(List.copyOf(definitions), List.copyOf(routes), paths), errors);
  }

  /** As they were given. */
  public List<RouteDefinition> definitions() {
    return definitions;
  }

  /** Every endpoint that some route names. */
  public Set<EndpointAddress> endpoints() {
    Set<EndpointAddress> endpoints = new LinkedHashSet<>();
    routes.forEach(route -> endpoints.add(route.sink()));
    return endpoints;
  }

  /** Where a message of this source goes: each endpoint once. */
  public Set<EndpointAddress> match(String source, Message message) {
    List<Compiled> relevant = candidates(source);
    if (relevant.isEmpty()) {
      return Set.of();
    }
    Scope scope = new Scope(message, paths);
    EndpointAddress first = null;
    Set<EndpointAddress> more = null;
    for (Compiled route : relevant) {
      if (!route.condition.holds(scope)) {
        continue;
      }
      if (first == null) {
        first = route.sink();
      } else if (more != null || !first.equals(route.sink())) {
        more = more == null ? new LinkedHashSet<>(List.of(first)) : more;
        more.add(route.sink());
      }
    }
    return more != null ? more : first != null ? Set.of(first) : Set.of();
  }

  private List<Compiled> candidates(String source) {
    List<Compiled> known = candidates.get(source);
    if (known != null) {
      return known;
    }
    List<Compiled> found = routes.stream().filter(route -> route.takes(source)).toList();
    if (candidates.size() < MAX_SOURCES) {
      candidates.put(source, found);
    }
    return found;
  }

  /** Why a route fires for a message, or does not; empty when there is no route of this name. */
  public Optional<RouteExplanation> explain(String name, String source, Message message) {
    return routes.stream()
        .filter(route -> route.name.equals(name))
        .findFirst()
        .map(route -> explain(route, source, message));
  }

  private RouteExplanation explain(Compiled route, String source, Message message) {
    if (!route.takes(source)) {
      return new RouteExplanation(
          false,
          List.of(
              "the message comes from "
                  + source
                  + ", the route takes what comes from "
                  + (route.route.source().isEmpty() ? "/" : route.route.source())));
    }
    boolean fires = route.condition.holds(new Scope(message, paths));
    return new RouteExplanation(
        fires,
        route
            .route
            .condition()
            .map(condition -> Explainer.explain(condition, message))
            .orElse(List.of("the route has no condition")));
  }
}
