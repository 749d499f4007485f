package io.gantry.routing.eval;

import io.gantry.routing.lang.Expression;
import io.gantry.routing.lang.RouteSyntaxException;
import java.util.List;
import java.util.Optional;

/**
 * {@code TWIN_CHANGE_INCLUDES(properties.reported.door)}: whether a change of a twin says anything
 * of this place, be it that it is gone. Unlike all other functions it is about a name and not about
 * a value, and asks the body of the message, whichever kind of value is there.
 */
final class TwinChange {

  static final String NAME = "TWIN_CHANGE_INCLUDES";

  /** No body has it: it is missing from every body that can be read. */
  private static final List<Object> NOWHERE = List.of("\u0000");

  private TwinChange() {}

  static boolean isCalled(Expression.Call call) {
    return call.function().equalsIgnoreCase(NAME);
  }

  static Term term(Expression.Call call, BodyPaths paths) throws RouteSyntaxException {
    Optional<String> path =
        call.arguments().size() == 1 ? name(call.arguments().get(0)) : Optional.empty();
    if (path.isEmpty() || !path.get().matches("[^.]+(\\.[^.]+)*")) {
      throw new RouteSyntaxException(
          call.column(), "expected a path in " + NAME + ", for example properties.reported.door");
    }
    int slot = paths.slot(List.of((Object[]) path.get().split("\\.")));
    int nowhere = paths.slot(NOWHERE);
    return new Term(
        Type.BOOL,
        scope ->
            scope.body(nowhere) == Absent.UNDEFINED
                ? Absent.UNDEFINED
                : (Object) (scope.body(slot) != Absent.MISSING));
  }

  private static Optional<String> name(Expression argument) {
    if (argument instanceof Expression.Property property) {
      return Optional.of(property.name());
    }
    return argument instanceof Expression.Text text ? Optional.of(text.value()) : Optional.empty();
  }
}
