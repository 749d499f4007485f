package io.gantry.routing.lang;

import java.util.List;
import java.util.stream.Collectors;

/** Writes expressions as a person would: with the brackets that they need, and no others. */
public final class ExpressionText {

  private static final List<List<String>> LEVELS =
      List.of(
          List.of("??"),
          List.of("OR"),
          List.of("AND"),
          List.of("=", "!=", "<>"),
          List.of("<", "<=", ">", ">="),
          List.of("+", "-", "||"),
          List.of("*", "/", "%"));

  private ExpressionText() {}

  /** The text of an expression. */
  public static String of(Expression expression) {
    return text(expression, 0);
  }

  private static String text(Expression expression, int level) {
    if (expression instanceof Expression.Text text) {
      return "'" + text.value().replace("\\", "\\\\").replace("'", "\\'") + "'";
    } else if (expression instanceof Expression.Number number) {
      return number(number.value());
    } else if (expression instanceof Expression.Bool bool) {
      return String.valueOf(bool.value());
    } else if (expression instanceof Expression.Null) {
      return "null";
    } else if (expression instanceof Expression.Undefined) {
      return "undefined";
    } else if (expression instanceof Expression.Property property) {
      return property.name();
    } else if (expression instanceof Expression.SystemProperty property) {
      return property.only() ? "{$" + property.name() + "}" : "$" + property.name();
    } else if (expression instanceof Expression.Body body) {
      return "$body" + body.path().stream().map(ExpressionText::step).collect(Collectors.joining());
    } else if (expression instanceof Expression.Call call) {
      return call.function()
          + call.arguments().stream()
              .map(argument -> text(argument, 0))
              .collect(Collectors.joining(", ", "(", ")"));
    } else if (expression instanceof Expression.Unary unary) {
      String blank = unary.operator().equals("-") ? "" : " ";
      return unary.operator() + blank + text(unary.operand(), LEVELS.size());
    }
    return binary((Expression.Binary) expression, level);
  }

  private static String binary(Expression.Binary binary, int level) {
    int own = 0;
    while (!LEVELS.get(own).contains(binary.operator())) {
      own++;
    }
    // All operators group to the left.
    String text =
        text(binary.left(), own) + " " + binary.operator() + " " + text(binary.right(), own + 1);
    return own < level ? "(" + text + ")" : text;
  }

  private static String step(Object step) {
    return step instanceof Integer ? "[" + step + "]" : "." + step;
  }

  /** A number without the {@code .0} that Java gives it. */
  public static String number(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return whole ? String.valueOf((long) value) : String.valueOf(value);
  }
}
