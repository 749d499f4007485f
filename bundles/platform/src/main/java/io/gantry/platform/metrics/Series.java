package io.gantry.platform.metrics;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The series of one figure, by the values of its labels. Their number is bounded: labels come from
 * manifests and updates, and a gateway runs for years. Safe for use by several threads.
 */
final class Series<T> {

  /** So many of one figure. */
  static final int MOST = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Series.class);

  private final String name;
  private final int labels;
  private final Supplier<T> fresh;
  private final Map<List<String>, T> all = new LinkedHashMap<>(16, 0.75f, true);
  private boolean told;

  /**
   * None yet.
   *
   * @param labels how many each has
   * @param fresh makes the state of a new one
   */
  Series(String name, int labels, Supplier<T> fresh) {
    this.name = name;
    this.labels = labels;
    this.fresh = fresh;
  }

  /** Changes the one with these values. */
  synchronized void change(Consumer<T> change, String... values) {
    if (values.length != labels) {
      throw new IllegalArgumentException(
          name + ": expected values of " + labels + " labels, found " + List.of(values));
    }
    change.accept(all.computeIfAbsent(List.of(values), key -> fresh.get()));
    if (all.size() > MOST) {
      all.remove(all.keySet().iterator().next());
      tellOnce();
    }
  }

  private void tellOnce() {
    if (!told) {
      told = true;
      LOG.warn("{} has more than {} series; the ones unchanged for longest go", name, MOST);
    }
  }

  /** What each is now, in the order of their values. */
  synchronized <R> SortedMap<List<String>, R> look(Function<T, R> at) {
    SortedMap<List<String>, R> found = new TreeMap<>(Comparator.comparing(Series::text));
    all.forEach((values, state) -> found.put(values, at.apply(state)));
    return found;
  }

  private static String text(List<String> values) {
    return String.join("\0", values);
  }
}
