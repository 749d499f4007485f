package io.gantry.hub.auth;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A bounded map: when it is full, the older half is forgotten. Safe for use by any number of
 * threads.
 */
final class Recent<K, V> {

  private final int most;
  private final Function<V, Instant> age;
  private final Map<K, V> values = new ConcurrentHashMap<>();

  /**
   * @param age when a value was of interest last
   */
  Recent(int most, Function<V, Instant> age) {
    this.most = most;
    this.age = age;
  }

  Optional<V> get(K key) {
    return Optional.ofNullable(values.get(key));
  }

  /** Changes a value. */
  void change(K key, V initial, UnaryOperator<V> change) {
    if (values.size() >= most && !values.containsKey(key)) {
      forgetHalf();
    }
    values.compute(key, (same, value) -> change.apply(value == null ? initial : value));
  }

  private void forgetHalf() {
    List<Map.Entry<K, V>> byAge =
        values.entrySet().stream()
            .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
            .sorted(Comparator.comparing(entry -> age.apply(entry.getValue())))
            .toList();
    byAge.stream().limit(most / 2).forEach(entry -> values.remove(entry.getKey()));
  }

  void remove(K key) {
    values.remove(key);
  }

  int size() {
    return values.size();
  }
}
