package io.gantry.itest.framework.forecast;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Changes declarations at random. */
final class Upgrades {

  private static final Map<String, List<String>> VERSIONS =
      Map.ofEntries(
          Map.entry("source", List.of("1.0.0", "1.0.1", "1.1.0", "[1.0,1.1)", "")),
          Map.entry("relay", List.of("1.0.0", "1.0.1", "1.1.0", "1.2.0", "")),
          Map.entry("follower", List.of("1.0.0", "1.0.1", "1.1.0", "[1.0,1.1)")),
          Map.entry("watcher", List.of("1.0.0", "1.1.0")),
          Map.entry("clockwork", List.of("1.0.0", "1.1.0")),
          Map.entry("alarm", List.of("1.0.0", "1.1.0")),
          Map.entry("reader", List.of("1.0.0", "1.1.0", "2.0.0", "[1,2)", "[2,3)", "3.0.0", "9")),
          Map.entry("digger", List.of("1.0.0", "1.0.1", "1.1.0", "[1,1.1)")),
          Map.entry("lone", List.of("1.0.0", "1.0.1")),
          Map.entry("soloist", List.of("1.0.0", "1.1.0")),
          Map.entry("duet", List.of("1.0.0", "1.1.0")));
  // Some bundles are more than one module.
  private static final Map<String, String> MODULES = new TreeMap<>();

  static {
    VERSIONS.keySet().forEach(bundle -> MODULES.put(bundle, bundle));
    MODULES.put("source2", "source");
    MODULES.put("relay2", "relay");
    MODULES.put("lone2", "lone");
  }

  private final Random random;

  Upgrades(Random random) {
    this.random = random;
  }

  /** The same with a few modules changed, and sometimes with many. */
  SortedMap<String, Wish> next(SortedMap<String, Wish> now) {
    SortedMap<String, Wish> next = new TreeMap<>(now);
    List<String> names = new ArrayList<>(MODULES.keySet());
    Collections.shuffle(names, random);
    int count = random.nextInt(8) == 0 ? 6 : 1 + random.nextInt(3);
    for (String name : names.subList(0, count)) {
      Wish wish = next.get(name);
      if (wish == null) {
        next.put(name, fresh(MODULES.get(name)));
      } else if (random.nextInt(6) == 0) {
        next.remove(name);
      } else {
        next.put(name, changed(wish));
      }
    }
    return next;
  }

  private Wish fresh(String bundle) {
    return Wish.of(bundle, version(bundle))
        .running(random.nextInt(6) > 0)
        .exclusive(random.nextInt(5) == 0)
        .order(random.nextInt(3));
  }

  private Wish changed(Wish wish) {
    return switch (random.nextInt(9)) {
      case 0 -> wish.running(!wish.running());
      case 1 -> wish.variable(1 - wish.variable());
      case 2 -> wish.exclusive(!wish.exclusive());
      case 3 -> wish.policy(wish.policy().equals("never") ? "on-failure" : "never");
      case 4 -> wish.order(random.nextInt(3)).version(version(wish.bundle()));
      case 5 -> wish.version(version(wish.bundle())).running(random.nextInt(4) > 0);
      default -> wish.version(version(wish.bundle()));
    };
  }

  private String version(String bundle) {
    List<String> versions = VERSIONS.get(bundle);
    return versions.get(random.nextInt(versions.size()));
  }
}
