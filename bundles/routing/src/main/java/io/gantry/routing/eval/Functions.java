package io.gantry.routing.eval;

import static io.gantry.routing.eval.Absent.UNDEFINED;
import static io.gantry.routing.eval.Absent.isNullLike;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The function library: one entry a function. */
final class Functions {

  /**
   * A function.
   *
   * @param arguments what each argument must be; the last one repeats up to {@code most}
   * @param least fewest arguments
   * @param most most arguments
   * @param result what it gives, when it gives anything
   * @param code what it does; arguments may be of any kind
   */
  record Definition(
      List<Type> arguments, int least, int most, Type result, Function<Object[], Object> code) {

    Type argument(int index) {
      return arguments.get(Math.min(index, arguments.size() - 1));
    }
  }

  private static final Pattern DECIMAL =
      Pattern.compile("\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*");
  private static final int MANY = 100;
  private static final Map<String, Definition> ALL = new TreeMap<>();

  static {
    math("ABS", Math::abs);
    math("EXP", Math::exp);
    math("SQUARE", x -> x * x);
    math("CEILING", Math::ceil);
    math("FLOOR", Math::floor);
    math("SIGN", Math::signum);
    math("SQRT", Math::sqrt);
    add("POWER", List.of(Type.NUMBER), 2, 2, Type.NUMBER, Functions::power);
    add("AS_NUMBER", List.of(Type.ANY), 1, 1, Type.NUMBER, a -> asNumber(a[0]));
    add("IS_BOOL", List.of(Type.ANY), 1, 1, Type.BOOL, a -> a[0] instanceof Boolean);
    add("IS_DEFINED", List.of(Type.ANY), 1, 1, Type.BOOL, a -> isDefined(a[0]));
    add("IS_NULL", List.of(Type.ANY), 1, 1, Type.BOOL, a -> a[0] == Absent.NULL);
    add("IS_NUMBER", List.of(Type.ANY), 1, 1, Type.BOOL, a -> isNumber(a[0]));
    add("IS_STRING", List.of(Type.ANY), 1, 1, Type.BOOL, a -> a[0] instanceof String);
    add("CONCAT", List.of(Type.TEXT), 2, MANY, Type.TEXT, Functions::concat);
    text("LENGTH", Type.NUMBER, text -> (double) text.length());
    text("LOWER", Type.TEXT, text -> text.toLowerCase(Locale.ROOT));
    text("UPPER", Type.TEXT, text -> text.toUpperCase(Locale.ROOT));
    add("SUBSTRING", List.of(Type.TEXT, Type.NUMBER), 2, 3, Type.TEXT, Functions::substring);
    texts("INDEX_OF", Type.NUMBER, a -> (double) ((String) a[0]).indexOf((String) a[1]));
    texts("STARTS_WITH", Type.BOOL, a -> ((String) a[0]).startsWith((String) a[1]));
    texts("ENDS_WITH", Type.BOOL, a -> ((String) a[0]).endsWith((String) a[1]));
    texts("CONTAINS", Type.BOOL, a -> ((String) a[0]).contains((String) a[1]));
  }

  private Functions() {}

  /** A function by its name, in any case. */
  static Optional<Definition> find(String name) {
    return Optional.ofNullable(ALL.get(name.toUpperCase(Locale.ROOT)));
  }

  /** All names, for error texts. */
  static String names() {
    return String.join(", ", ALL.keySet()) + ", " + TwinChange.NAME;
  }

  private static void add(
      String name,
      List<Type> arguments,
      int least,
      int most,
      Type result,
      Function<Object[], Object> code) {
    ALL.put(name, new Definition(arguments, least, most, result, code));
  }

  private static void math(String name, DoubleUnaryOperator operator) {
    add(
        name,
        List.of(Type.NUMBER),
        1,
        1,
        Type.NUMBER,
        a -> a[0] instanceof Double x ? Operators.defined(operator.applyAsDouble(x)) : UNDEFINED);
  }

  private static void text(String name, Type result, Function<String, Object> code) {
    add(
        name,
        List.of(Type.TEXT),
        1,
        1,
        result,
        a -> a[0] instanceof String text ? code.apply(text) : UNDEFINED);
  }

  private static void texts(String name, Type result, Function<Object[], Object> code) {
    add(
        name,
        List.of(Type.TEXT),
        2,
        2,
        result,
        a -> a[0] instanceof String && a[1] instanceof String ? code.apply(a) : UNDEFINED);
  }

  private static Object power(Object[] arguments) {
    return arguments[0] instanceof Double x && arguments[1] instanceof Double y
        ? Operators.defined(Math.pow(x, y))
        : UNDEFINED;
  }

  private static Object asNumber(Object value) {
    if (value instanceof Double) {
      return value;
    }
    boolean decimal =
        value instanceof String text && text.length() <= 400 && DECIMAL.matcher(text).matches();
    return decimal ? (Object) Double.parseDouble((String) value) : UNDEFINED;
  }

  private static boolean isDefined(Object value) {
    return value != UNDEFINED && value != Absent.MISSING;
  }

  private static boolean isNumber(Object value) {
    return value instanceof Double number && !number.isInfinite();
  }

  private static Object concat(Object[] arguments) {
    StringBuilder joined = new StringBuilder();
    for (Object argument : arguments) {
      if (argument instanceof String text) {
        joined.append(text);
      } else if (!isNullLike(argument)) {
        return UNDEFINED;
      }
    }
    return joined.toString();
  }

  private static Object substring(Object[] arguments) {
    if (!(arguments[0] instanceof String text) || !(arguments[1] instanceof Double start)) {
      return UNDEFINED;
    }
    Object length = arguments.length == 3 ? arguments[2] : (Object) (text.length() - start);
    if (!(length instanceof Double count)) {
      return UNDEFINED;
    }
    boolean inside = start >= 0 && count >= 0 && start + count <= text.length();
    return inside
        ? text.substring(start.intValue(), start.intValue() + count.intValue())
        : UNDEFINED;
  }
}
