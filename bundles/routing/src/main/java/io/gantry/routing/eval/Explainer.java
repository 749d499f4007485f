package io.gantry.routing.eval;

import io.gantry.api.message.Message;
import io.gantry.routing.lang.Expression;
import io.gantry.routing.lang.ExpressionText;
import io.gantry.routing.lang.RouteSyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the terms of a condition that decided, and what they met in the message. Every part is
 * compiled and evaluated as in the route itself, so that the explanation cannot differ from what
 * happens.
 */
public final class Explainer {

  private static final int LONGEST = 80;

  private final ConditionCompiler compiler;
  private final Set<String> reasons = new LinkedHashSet<>();
  private final Scope scope;

  private Explainer(Expression condition, Message message, boolean assumeJson)
      throws RouteSyntaxException {
    BodyPaths paths = new BodyPaths(assumeJson);
    this.compiler = new ConditionCompiler(paths);
    // All places in the body must be known before it is read, which is done once.
    compiler.compile(Optional.of(condition));
    this.scope = new Scope(message, paths);
  }

  /** Sentences about a condition that compiles, the deciding terms only. */
  public static List<String> explain(Expression condition, Message message, boolean assumeJson) {
    try {
      Explainer explainer = new Explainer(condition, message, assumeJson);
      explainer.decide(condition);
      if (explainer.readsBody(condition)) {
        BodyReader.obstacle(message, assumeJson).ifPresent(explainer.reasons::add);
      }
      return List.copyOf(explainer.reasons);
    } catch (RouteSyntaxException impossible) {
      throw new IllegalArgumentException("Explaining a condition: " + impossible, impossible);
    }
  }

  private Object value(Expression expression) throws RouteSyntaxException {
    return compiler.value(expression, scope);
  }

  /** Goes down to what made the value what it is. */
  private void decide(Expression expression) throws RouteSyntaxException {
    if (expression instanceof Expression.Binary binary
        && (binary.operator().equals("AND") || binary.operator().equals("OR"))) {
      decideLogical(binary);
    } else if (expression instanceof Expression.Unary unary && unary.operator().equals("NOT")) {
      decide(unary.operand());
    } else {
      reasons.add(sentence(expression));
    }
  }

  /** One side decides alone when it has the strong value: false for AND, true for OR. */
  private void decideLogical(Expression.Binary binary) throws RouteSyntaxException {
    Object strong = binary.operator().equals("OR");
    Object left = value(binary.left());
    Object right = value(binary.right());
    if (left == strong) {
      decide(binary.left());
    } else if (right == strong) {
      decide(binary.right());
    } else {
      boolean holds = value(binary) == Boolean.TRUE;
      if (holds || left != Boolean.TRUE) {
        decide(binary.left());
      }
      if (holds || right != Boolean.TRUE) {
        decide(binary.right());
      }
    }
  }

  private String sentence(Expression expression) throws RouteSyntaxException {
    List<String> met = new ArrayList<>();
    collect(expression, true, met);
    String what = ExpressionText.of(expression) + " is " + shown(value(expression));
    return met.isEmpty() ? what : what + ": " + String.join(", ", new LinkedHashSet<>(met));
  }

  /** The values of the parts that stand for something. */
  private void collect(Expression expression, boolean whole, List<String> met)
      throws RouteSyntaxException {
    boolean standsForSomething =
        expression instanceof Expression.Property
            || expression instanceof Expression.SystemProperty
            || expression instanceof Expression.Body
            || expression instanceof Expression.Call;
    if (standsForSomething && !whole) {
      met.add(ExpressionText.of(expression) + " is " + shown(value(expression)));
    }
    if (expression instanceof Expression.Call call && !TwinChange.isCalled(call)) {
      for (Expression argument : call.arguments()) {
        collect(argument, false, met);
      }
    } else if (expression instanceof Expression.Unary unary) {
      collect(unary.operand(), false, met);
    } else if (expression instanceof Expression.Binary binary) {
      collect(binary.left(), false, met);
      collect(binary.right(), false, met);
    }
  }

  private boolean readsBody(Expression expression) {
    if (expression instanceof Expression.Call call) {
      return TwinChange.isCalled(call) || call.arguments().stream().anyMatch(this::readsBody);
    } else if (expression instanceof Expression.Unary unary) {
      return readsBody(unary.operand());
    } else if (expression instanceof Expression.Binary binary) {
      return readsBody(binary.left()) || readsBody(binary.right());
    }
    return expression instanceof Expression.Body;
  }

  private static String shown(Object value) {
    if (value instanceof String text) {
      String shortened = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
      return "'" + shortened + "'";
    }
    if (value instanceof Double number) {
      return ExpressionText.number(number);
    }
    if (value == Absent.MISSING) {
      return "not there";
    }
    return value instanceof Absent absent
        ? absent.name().toLowerCase(Locale.ROOT)
        : String.valueOf(value);
  }
}
