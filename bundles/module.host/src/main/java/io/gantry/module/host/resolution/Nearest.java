package io.gantry.module.host.resolution;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/** What comes nearest to a range that nothing lies in: what was probably meant. */
final class Nearest {

  /** How many are worth saying. */
  static final int SHOWN = 5;

  private Nearest() {}

  /**
   * Those next to the range on either side first, then the ones behind them; without a range the
   * highest first.
   */
  static <T> Stream<T> first(
      Collection<T> all, Function<T, Version> version, Optional<VersionRange> range) {
    List<T> sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparing(version).reversed());
    if (range.isEmpty()) {
      return sorted.stream();
    }
    List<T> above = new ArrayList<>();
    List<T> below = new ArrayList<>();
    for (T one : sorted) {
      (version.apply(one).compareTo(range.get().getLeft()) > 0 ? above : below).add(one);
    }
    Collections.reverse(above);
    List<T> nearest = new ArrayList<>();
    for (int i = 0; i < Math.max(above.size(), below.size()); i++) {
      above.stream().skip(i).findFirst().ifPresent(nearest::add);
      below.stream().skip(i).findFirst().ifPresent(nearest::add);
    }
    return nearest.stream();
  }
}
