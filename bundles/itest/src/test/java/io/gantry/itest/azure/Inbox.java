package io.gantry.itest.azure;

import io.gantry.itest.Await;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** What a callback of the SDK was given, in the order in which it came. */
final class Inbox<T> {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<T> all = new CopyOnWriteArrayList<>();

  void add(T one) {
    all.add(one);
  }

  List<T> all() {
    return List.copyOf(all);
  }

  private Optional<T> find(Predicate<T> wanted) {
    return all.stream().filter(wanted).findFirst();
  }

  /** Waits until there is one of a kind. */
  T await(String what, Predicate<T> wanted) {
    Await.until(what, LIMIT, () -> find(wanted).isPresent(), () -> "there is " + all);
    return find(wanted).orElseThrow();
  }
}
