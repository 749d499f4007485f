package io.gantry.itest.flow;

import io.gantry.itest.flow.deployed.Repertoire;
import io.gantry.itest.flow.deployed.StateModule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What one deployment wants. No two of them want the same of a part that they change, so that the
 * parts that are found tell of which deployment they are.
 *
 * @param modules by name
 * @param mark in the text of the route
 * @param window the one before comes back when this one is not well at its end; empty for none
 */
record Wanted(SortedMap<String, Build> modules, String mark, Optional<Duration> window) {

  /** In this all can be started, however slow the machine is. */
  private static final Duration AMPLE = Duration.ofSeconds(60);

  /** What cannot be started is waited for so long. */
  private static final Duration SHORT = Duration.ofSeconds(5);

  private static final String ROUTE = "marked";

  /** What a module is made of. */
  record Build(int version, String tag) {}

  /** How the next deployment differs. */
  enum Change {
    INSTALL,
    UPDATE,
    REMOVE,
    CONFIGURE,
    ROUTES,
    /** Back to the one before. */
    UNDO,
    /** An update that is taken back when it is not well; it is. */
    TRIAL,
    /** An update that is taken back, since it cannot be started. */
    MISFIT
  }

  /** A deployment that such a change can follow. */
  static Wanted before(Change change, String tag, Random random) {
    SortedMap<String, Build> modules = new TreeMap<>();
    for (String module : Repertoire.MODULES) {
      if (random.nextInt(4) > 0) {
        modules.put(module, new Build(random.nextInt(Repertoire.VERSIONS), tag));
      }
    }
    String one = any(Repertoire.MODULES, random);
    if (change == Change.INSTALL) {
      modules.remove(one);
    } else {
      modules.putIfAbsent(one, new Build(random.nextInt(Repertoire.VERSIONS), tag));
    }
    return new Wanted(modules, tag, Optional.empty());
  }

  /** The deployment after such a change, which is not {@link Change#UNDO}. */
  Wanted after(Change change, String tag, Random random) {
    SortedMap<String, Build> next = new TreeMap<>(modules);
    List<String> some = some(List.copyOf(modules.keySet()), random);
    switch (change) {
      case INSTALL -> {
        List<String> absent = new ArrayList<>(Repertoire.MODULES);
        absent.removeAll(modules.keySet());
        int version = random.nextInt(Repertoire.VERSIONS);
        some(absent, random).forEach(name -> next.put(name, new Build(version, tag)));
      }
      case UPDATE, TRIAL ->
          some.forEach(name -> next.computeIfPresent(name, (n, b) -> other(b, random)));
      case REMOVE -> some.forEach(next::remove);
      case CONFIGURE ->
          some.forEach(name -> next.computeIfPresent(name, (n, b) -> new Build(b.version(), tag)));
      case MISFIT -> {
        some.forEach(name -> next.computeIfPresent(name, (n, b) -> other(b, random)));
        next.put(any(some, random), new Build(Repertoire.FAILING, tag));
      }
      default -> {
        // The routes alone.
      }
    }
    return new Wanted(next, tag, window(change));
  }

  private static Optional<Duration> window(Change change) {
    return switch (change) {
      case TRIAL -> Optional.of(AMPLE);
      case MISFIT -> Optional.of(SHORT);
      default -> Optional.empty();
    };
  }

  private static Build other(Build build, Random random) {
    int step = 1 + random.nextInt(Repertoire.VERSIONS - 1);
    return new Build((build.version() + step) % Repertoire.VERSIONS, build.tag());
  }

  private static String any(List<String> names, Random random) {
    return names.get(random.nextInt(names.size()));
  }

  /** One of them at least, if there is one. */
  private static List<String> some(List<String> names, Random random) {
    if (names.isEmpty()) {
      return names;
    }
    String one = any(names, random);
    return names.stream().filter(name -> name.equals(one) || random.nextBoolean()).toList();
  }

  /** Its manifest. */
  Plan plan() {
    Plan plan = new Plan().route(ROUTE, text());
    window.ifPresent(plan::rollback);
    modules.forEach(
        (name, build) ->
            plan.module(name, Repertoire.image(name, build.version()))
                .environment(name, StateModule.TAG, build.tag()));
    Optional.of(Repertoire.EXCLUSIVE).filter(modules::containsKey).ifPresent(plan::exclusive);
    return plan;
  }

  private String text() {
    return "FROM /messages/modules/alpha/outputs/" + mark + " INTO $upstream";
  }

  /** All that can be seen of it, as {@link Seen} has it. */
  Map<String, String> expected() {
    Map<String, String> expected =
        modules.entrySet().stream()
            .collect(
                Collectors.toMap(
                    entry -> Seen.module(entry.getKey()),
                    entry -> expected(entry),
                    (a, b) -> a,
                    TreeMap::new));
    expected.put(Seen.route(ROUTE), text());
    return expected;
  }

  private static String expected(Map.Entry<String, Build> entry) {
    Build build = entry.getValue();
    return Seen.running(Repertoire.state(entry.getKey(), build.version(), build.tag()));
  }
}
