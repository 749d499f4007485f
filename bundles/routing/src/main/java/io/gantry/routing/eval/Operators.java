package io.gantry.routing.eval;

import static io.gantry.routing.eval.Absent.UNDEFINED;
import static io.gantry.routing.eval.Absent.isNullLike;

import java.util.function.IntPredicate;

/** What operators do with values of any kind (IoT Hub query language; the edge's own rules). */
final class Operators {

  private Operators() {}

  static Object equal(Object left, Object right) {
    if (left == UNDEFINED || right == UNDEFINED) {
      return UNDEFINED;
    }
    if (isNullLike(left) || isNullLike(right)) {
      return isNullLike(left) && isNullLike(right);
    }
    if (left instanceof Double a && right instanceof Double b) {
      return a.doubleValue() == b.doubleValue();
    }
    return left.equals(right);
  }

  static Object not(Object value) {
    if (value instanceof Boolean bool) {
      return !bool;
    }
    return isNullLike(value) ? Boolean.TRUE : UNDEFINED;
  }

  /** Whether the sign of the comparison is a wanted one; undefined when there is no order. */
  static Object compare(Object left, Object right, IntPredicate wanted) {
    if (left instanceof String a && right instanceof String b) {
      return wanted.test(a.compareTo(b));
    }
    if (left instanceof Double a && right instanceof Double b) {
      return wanted.test(a < b ? -1 : a > b ? 1 : 0);
    }
    return UNDEFINED;
  }

  static Object and(Object left, Object right) {
    if (left == Boolean.FALSE || right == Boolean.FALSE) {
      return isNullLike(left) || isNullLike(right) ? Absent.NULL : Boolean.FALSE;
    }
    if (isNullLike(left) || isNullLike(right)) {
      return Absent.NULL;
    }
    return left == Boolean.TRUE && right == Boolean.TRUE ? Boolean.TRUE : UNDEFINED;
  }

  static Object or(Object left, Object right) {
    if (left == Boolean.TRUE || right == Boolean.TRUE) {
      return Boolean.TRUE;
    }
    if (isNullLike(left)) {
      return truth(right);
    }
    if (isNullLike(right)) {
      return truth(left);
    }
    return left == Boolean.FALSE && right == Boolean.FALSE ? Boolean.FALSE : UNDEFINED;
  }

  /** A value of the body that is neither true nor false nor null says nothing as a condition. */
  private static Object truth(Object value) {
    return value instanceof Boolean || isNullLike(value) ? value : UNDEFINED;
  }

  static Object arithmetic(String operator, Object left, Object right) {
    if (!isNumeric(left) || !isNumeric(right)) {
      return UNDEFINED;
    }
    double a = number(left);
    double b = number(right);
    double result =
        switch (operator) {
          case "+" -> a + b;
          case "-" -> a - b;
          case "*" -> a * b;
          case "/" -> a / b;
          default -> a % b;
        };
    return defined(result);
  }

  static Object negative(Object value) {
    return isNumeric(value) ? defined(-number(value)) : UNDEFINED;
  }

  static Object join(Object left, Object right) {
    if (left instanceof String a && right instanceof String b) {
      return a + b;
    }
    if (isNullLike(left) && (right instanceof String || isNullLike(right))) {
      return isNullLike(right) ? "" : right;
    }
    return isNullLike(right) && left instanceof String ? left : UNDEFINED;
  }

  static Object defined(double result) {
    return Double.isNaN(result) ? UNDEFINED : (Object) result;
  }

  /** Null counts as nothing in a sum. */
  private static boolean isNumeric(Object value) {
    return value instanceof Double || isNullLike(value);
  }

  private static double number(Object value) {
    return value instanceof Double number ? number : 0;
  }
}
