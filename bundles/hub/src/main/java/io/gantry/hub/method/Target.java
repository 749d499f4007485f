package io.gantry.hub.method;

import io.gantry.hub.subscriber.Subscriber;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An identity whose methods are called or may be. Owned by the executor. */
final class Target {

  private final Set<Call> calls = new LinkedHashSet<>();
  private @Nullable Subscriber subscriber;

  @Nullable Subscriber subscriber() {
    return subscriber;
  }

  void use(@Nullable Subscriber next) {
    subscriber = next;
  }

  void add(Call call) {
    calls.add(call);
  }

  boolean remove(Call call) {
    return calls.remove(call);
  }

  int size() {
    return calls.size();
  }

  /** Those that this one has, or that nobody has yet, in order. */
  List<Call> handedTo(@Nullable Subscriber wanted) {
    return calls.stream().filter(call -> call.target() == wanted).toList();
  }

  List<Call> all() {
    return List.copyOf(calls);
  }

  boolean isIdle() {
    return subscriber == null && calls.isEmpty();
  }
}
