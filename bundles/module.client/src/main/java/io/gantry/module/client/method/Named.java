package io.gantry.module.client.method;

import io.gantry.api.module.Method;
import io.gantry.api.module.MethodHandler;
import io.gantry.module.client.whiteboard.Candidate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A handler and the methods that it names.
 *
 * @param names in lower case; none for whatever no other one of its generation names
 */
record Named(Candidate<MethodHandler> handler, Set<String> names) {

  /** In a generation those that name their methods first; else as they came. */
  private static final Comparator<Named> BY_GENERATION =
      Comparator.<Named>comparingLong(named -> -named.handler.generation())
          .thenComparing(named -> named.names.isEmpty());

  /** All of these in the order in which they are asked. */
  static List<Named> inOrder(List<Candidate<MethodHandler>> candidates) {
    return candidates.stream().map(Named::of).sorted(BY_GENERATION).toList();
  }

  private static Named of(Candidate<MethodHandler> handler) {
    Object property = handler.reference().getProperty(Method.PROPERTY);
    Stream<String> names =
        property instanceof String[] several
            ? Stream.of(several)
            : property instanceof String one ? Stream.of(one) : Stream.empty();
    return new Named(
        handler, names.map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet()));
  }

  /** The first that answers this method. */
  static Optional<Candidate<MethodHandler>> find(List<Named> all, String method) {
    String name = method.toLowerCase(Locale.ROOT);
    return all.stream()
        .filter(named -> named.names.isEmpty() || named.names.contains(name))
        .map(Named::handler)
        .findFirst();
  }
}
