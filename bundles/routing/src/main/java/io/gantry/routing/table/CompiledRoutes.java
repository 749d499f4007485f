package io.gantry.routing.table;

import io.gantry.api.message.Message;
import io.gantry.routing.eval.BodyPaths;
import io.gantry.routing.eval.Condition;
import io.gantry.routing.eval.ConditionCompiler;
import io.gantry.routing.eval.Explainer;
import io.gantry.routing.eval.Scope;
import io.gantry.routing.lang.ExpressionText;
import io.gantry.routing.lang.Route;
import io.gantry.routing.lang.RouteParser;
import io.gantry.routing.lang.RouteSyntaxException;
import io.gantry.routing.lang.Source;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteError;
import io.gantry.spi.routing.RouteExplanation;
import io.gantry.spi.routing.RouteSet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A set of routes, compiled. Routes are looked up by the source of the message, so that a message
 * pays for its candidates only, and a condition that several of them have is evaluated once. Safe
 * for use by any number of threads.
 */
public final class CompiledRoutes {

  /** No routes at all. */
  public static final CompiledRoutes NONE = compile(RouteSet.NONE).routes();

  private static final int MAX_SOURCES = 4_096;

  private record Compiled(RouteDefinition definition, Route route, Condition condition) {}

  /** Routes with the same condition: what they do together when it holds. */
  private record Candidate(Condition condition, List<RouteTarget> targets) {}

  /**
   * What compiling gives.
   *
   * @param routes the good ones
   * @param errors what is wrong with the others
   */
  public record Result(CompiledRoutes routes, List<RouteError> errors) {}

  private final RouteSet definitions;
  private final List<Compiled> routes;
  private final BodyPaths paths;
  private final boolean topics;
  private final Map<String, List<Candidate>> candidates = new ConcurrentHashMap<>();

  /** Of topics there are many: they must not drive the others out. */
  private final Map<String, List<Candidate>> ofTopics = new ConcurrentHashMap<>();

  private CompiledRoutes(RouteSet definitions, List<Compiled> routes, BodyPaths paths) {
    this.definitions = definitions;
    this.routes = routes;
    this.paths = paths;
    this.topics = routes.stream().anyMatch(each -> each.route.source() instanceof Source.Topics);
  }

  /** Compiles each route and gathers all errors. */
  public static Result compile(RouteSet set) {
    BodyPaths paths = new BodyPaths(set.assumeJson());
    ConditionCompiler compiler = new ConditionCompiler(paths);
    Set<String> names = new HashSet<>();
    List<Compiled> routes = new ArrayList<>();
    List<RouteError> errors = new ArrayList<>();
    for (RouteDefinition definition : set.routes()) {
      try {
        Route route = RouteParser.parse(definition.text());
        Condition condition = compiler.compile(route);
        if (!names.add(definition.name())) {
          errors.add(
              new RouteError(definition.name(), 1, "expected one route of this name, found two"));
        }
        routes.add(new Compiled(definition, route, condition));
      } catch (RouteSyntaxException error) {
        errors.add(new RouteError(definition.name(), error.column(), error.getMessage()));
      }
    }
    errors.addAll(loops(routes));
    return new Result(new CompiledRoutes(set, List.copyOf(routes), paths), errors);
  }

  private static List<RouteError> loops(List<Compiled> routes) {
    TopicLoops loops = new TopicLoops(routes.stream().map(Compiled::route).toList());
    List<RouteError> errors = new ArrayList<>();
    for (int i = 0; i < routes.size(); i++) {
      RouteDefinition definition = routes.get(i).definition();
      loops
          .loop(i)
          .ifPresent(
              topic ->
                  errors.add(
                      new RouteError(
                          definition.name(),
                          definition.text().toLowerCase(Locale.ROOT).lastIndexOf("into") + 1,
                          "expected a topic that does not lead back here, found '"
                              + topic
                              + "': every message would go round in a circle")));
    }
    return errors;
  }

  /** As they were given. */
  public RouteSet definitions() {
    return definitions;
  }

  /** Where messages may go, and how, each once. */
  public Set<RouteTarget> targets() {
    Set<RouteTarget> targets = new LinkedHashSet<>();
    routes.forEach(route -> targets.add(target(route)));
    return targets;
  }

  private static RouteTarget target(Compiled route) {
    return RouteTarget.of(route.route.sink(), route.definition);
  }

  /** Whether some route looks at messages of this source. */
  public boolean isWanted(String source) {
    return !candidates(source).isEmpty();
  }

  /** Where a message of this source goes: each endpoint once. */
  public List<RouteTarget> match(String source, Message message) {
    List<Candidate> relevant = candidates(source);
    if (relevant.isEmpty()) {
      return List.of();
    }
    Scope scope = new Scope(message, paths);
    List<RouteTarget> found = List.of();
    for (Candidate candidate : relevant) {
      if (candidate.condition.holds(scope)) {
        found = found.isEmpty() ? candidate.targets : merged(found, candidate.targets);
      }
    }
    return found;
  }

  private static List<RouteTarget> merged(List<RouteTarget> one, List<RouteTarget> other) {
    Map<EndpointAddress, RouteTarget> targets = new LinkedHashMap<>();
    one.forEach(target -> targets.merge(target.address(), target, RouteTarget::with));
    other.forEach(target -> targets.merge(target.address(), target, RouteTarget::with));
    return List.copyOf(targets.values());
  }

  private List<Candidate> candidates(String source) {
    boolean topic = source.startsWith(Source.TOPICS);
    if (topic && !topics) {
      return List.of();
    }
    Map<String, List<Candidate>> cache = topic ? ofTopics : candidates;
    List<Candidate> known = cache.get(source);
    if (known != null) {
      return known;
    }
    Map<String, Candidate> found = new LinkedHashMap<>();
    for (Compiled route : routes) {
      if (route.route.source().takes(source)) {
        String condition = route.route.condition().map(ExpressionText::of).orElse("");
        Candidate candidate = new Candidate(route.condition, List.of(target(route)));
        found.merge(
            condition,
            candidate,
            (same, more) -> new Candidate(same.condition, merged(same.targets, more.targets)));
      }
    }
    List<Candidate> relevant = List.copyOf(found.values());
    if (cache.size() >= MAX_SOURCES) {
      cache.clear();
    }
    cache.put(source, relevant);
    return relevant;
  }

  /** Why a route fires for a message, or does not; empty when there is no route of this name. */
  public Optional<RouteExplanation> explain(String name, String source, Message message) {
    return routes.stream()
        .filter(route -> route.definition.name().equals(name))
        .findFirst()
        .map(route -> explain(route, source, message));
  }

  private RouteExplanation explain(Compiled route, String source, Message message) {
    Source wanted = route.route.source();
    if (!wanted.takes(source)) {
      return new RouteExplanation(
          false,
          List.of(
              "the message comes from "
                  + source
                  + ", the route takes what comes from "
                  + wanted.text()));
    }
    boolean fires = route.condition.holds(new Scope(message, paths));
    return new RouteExplanation(
        fires,
        route
            .route
            .condition()
            .map(condition -> Explainer.explain(condition, message, definitions.assumeJson()))
            .orElse(List.of("the route has no condition")));
  }
}
