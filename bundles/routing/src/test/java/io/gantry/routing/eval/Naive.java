package io.gantry.routing.eval;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Conditions as the language's description has them, evaluated by walking a tree, on plain maps,
 * without any of the classes under test: slow, and short enough to be compared with the text.
 */
sealed interface Naive {

  /** What is no value. */
  enum Nothing {
    UNDEFINED,
    NULL,
    /** A path that the body has not: as null, but not defined. */
    MISSING
  }

  /**
   * What is known of a message.
   *
   * @param properties application properties, null values included
   * @param body by path as written; null when the body is no readable JSON
   */
  record World(
      Map<String, Object> properties, Map<String, Object> system, Map<String, Object> body) {}

  Object value(World world);

  /** As it is written; {@code level} is how strong the operator around it binds. */
  String text(int level);

  /** A literal. */
  record Literal(String written, Object value) implements Naive {
    @Override
    public Object value(World world) {
      return value;
    }

    @Override
    public String text(int level) {
      return written;
    }
  }

  /** A property of the application. */
  record Property(String name) implements Naive {
    @Override
    public Object value(World world) {
      return world.properties.getOrDefault(name.toLowerCase(Locale.ROOT), Nothing.UNDEFINED);
    }

    @Override
    public String text(int level) {
      return name;
    }
  }

  /** A property of the system. */
  record SystemProperty(String name) implements Naive {
    @Override
    public Object value(World world) {
      return world.system.getOrDefault(name.toLowerCase(Locale.ROOT), Nothing.UNDEFINED);
    }

    @Override
    public String text(int level) {
      return "$" + name;
    }
  }

  /** A value of the body. */
  record Body(String path) implements Naive {
    @Override
    public Object value(World world) {
      return world.body.isEmpty()
          ? Nothing.UNDEFINED
          : world.body.getOrDefault(path, Nothing.MISSING);
    }

    @Override
    public String text(int level) {
      return "$body" + path;
    }
  }

  /** An operator before one. */
  record Unary(String operator, Naive operand) implements Naive {
    @Override
    public Object value(World world) {
      Object value = operand.value(world);
      if (operator.equals("-")) {
        return isNumeric(value) ? number(-asDouble(value)) : Nothing.UNDEFINED;
      }
      if (isNull(value)) {
        return true;
      }
      return value instanceof Boolean bool ? (Object) !bool : Nothing.UNDEFINED;
    }

    @Override
    public String text(int level) {
      return operator + " " + operand.text(8);
    }
  }

  /** An operator between two. */
  record Binary(String operator, int binds, Naive left, Naive right) implements Naive {
    @Override
    public Object value(World world) {
      return apply(operator, left.value(world), right.value(world));
    }

    @Override
    public String text(int level) {
      // All operators group to the left.
      String text = left.text(binds) + " " + operator + " " + right.text(binds + 1);
      return level > binds ? "(" + text + ")" : text;
    }
  }

  /** A function. */
  record Call(String function, List<Naive> arguments) implements Naive {
    @Override
    public Object value(World world) {
      return call(function, arguments.stream().map(argument -> argument.value(world)).toList());
    }

    @Override
    public String text(int level) {
      return function
          + "("
          + String.join(", ", arguments.stream().map(argument -> argument.text(0)).toList())
          + ")";
    }
  }

  private static boolean isNull(Object value) {
    return value == Nothing.NULL || value == Nothing.MISSING;
  }

  private static boolean isNumeric(Object value) {
    return value instanceof Double || isNull(value);
  }

  private static double asDouble(Object value) {
    return value instanceof Double number ? number : 0;
  }

  private static Object number(double value) {
    return Double.isNaN(value) ? Nothing.UNDEFINED : (Object) value;
  }

  /** What is neither true nor false nor null says nothing where a condition is expected. */
  private static Object truth(Object value) {
    return value instanceof Boolean || isNull(value) ? value : Nothing.UNDEFINED;
  }

  private static Object apply(String operator, Object left, Object right) {
    boolean logical = operator.equals("AND") || operator.equals("OR");
    Object a = logical ? truth(left) : left;
    Object b = logical ? truth(right) : right;
    boolean undefined = a == Nothing.UNDEFINED || b == Nothing.UNDEFINED;
    switch (operator) {
      case "??":
        return a == Nothing.UNDEFINED ? b : a;
      case "AND":
        if (a == (Object) false && b == (Object) false) {
          return false;
        }
        if (isNull(a) || isNull(b)) {
          return a == (Object) false ? (Object) false : Nothing.NULL;
        }
        return a == (Object) false || b == (Object) false
            ? (Object) false
            : undefined ? Nothing.UNDEFINED : true;
      case "OR":
        if (a == (Object) true || b == (Object) true) {
          return true;
        }
        if (isNull(a)) {
          return b;
        }
        return isNull(b) ? a : undefined ? Nothing.UNDEFINED : false;
      case "=", "<>", "!=":
        if (undefined) {
          return Nothing.UNDEFINED;
        }
        boolean same =
            isNull(a) || isNull(b)
                ? isNull(a) && isNull(b)
                : a instanceof Double x && b instanceof Double y
                    ? x.doubleValue() == y.doubleValue()
                    : a.equals(b);
        return operator.equals("=") == same;
      case "<", "<=", ">", ">=":
        Integer sign = null;
        if (a instanceof String x && b instanceof String y) {
          sign = Integer.signum(x.compareTo(y));
        } else if (a instanceof Double x && b instanceof Double y) {
          sign = x < y ? -1 : x > y ? 1 : 0;
        }
        return sign == null
            ? Nothing.UNDEFINED
            : (Object)
                (operator.startsWith("<")
                    ? sign < 0 || sign == 0 && operator.length() == 2
                    : sign > 0 || sign == 0 && operator.length() == 2);
      case "||":
        boolean texts = (a instanceof String || isNull(a)) && (b instanceof String || isNull(b));
        return texts ? (isNull(a) ? "" : a) + "" + (isNull(b) ? "" : b) : Nothing.UNDEFINED;
      default:
        if (!isNumeric(a) || !isNumeric(b)) {
          return Nothing.UNDEFINED;
        }
        double x = asDouble(a);
        double y = asDouble(b);
        return switch (operator) {
          case "+" -> number(x + y);
          case "-" -> number(x - y);
          case "*" -> number(x * y);
          case "/" -> number(x / y);
          default -> number(x % y);
        };
    }
  }

  private static Object call(String function, List<Object> arguments) {
    Object first = arguments.get(0);
    switch (function.toUpperCase(Locale.ROOT)) {
      case "IS_DEFINED":
        return first != Nothing.UNDEFINED && first != Nothing.MISSING;
      case "IS_NULL":
        return first == Nothing.NULL;
      case "IS_BOOL":
        return first instanceof Boolean;
      case "IS_STRING":
        return first instanceof String;
      case "IS_NUMBER":
        return first instanceof Double number && !number.isInfinite();
      case "AS_NUMBER":
        if (first instanceof Double) {
          return first;
        }
        boolean digits = first instanceof String text && text.matches("-?[0-9]+(\\.[0-9]+)?");
        return digits ? (Object) Double.valueOf((String) first) : Nothing.UNDEFINED;
      case "ABS":
        return first instanceof Double number ? (Object) Math.abs(number) : Nothing.UNDEFINED;
      case "FLOOR":
        return first instanceof Double number ? (Object) Math.floor(number) : Nothing.UNDEFINED;
      case "SQRT":
        return first instanceof Double number ? number(Math.sqrt(number)) : Nothing.UNDEFINED;
      case "POWER":
        return first instanceof Double x && arguments.get(1) instanceof Double y
            ? number(Math.pow(x, y))
            : Nothing.UNDEFINED;
      case "LOWER":
        return first instanceof String text
            ? (Object) text.toLowerCase(Locale.ROOT)
            : Nothing.UNDEFINED;
      case "LENGTH":
        return first instanceof String text ? (Object) (double) text.length() : Nothing.UNDEFINED;
      case "CONTAINS":
        return first instanceof String x && arguments.get(1) instanceof String y
            ? (Object) (x.indexOf(y) >= 0)
            : Nothing.UNDEFINED;
      case "STARTS_WITH":
        return first instanceof String x && arguments.get(1) instanceof String y
            ? (Object) x.startsWith(y)
            : Nothing.UNDEFINED;
      case "INDEX_OF":
        return first instanceof String x && arguments.get(1) instanceof String y
            ? (Object) (double) x.indexOf(y)
            : Nothing.UNDEFINED;
      case "CONCAT":
        return arguments.stream().anyMatch(part -> !(part instanceof String) && !isNull(part))
            ? Nothing.UNDEFINED
            : String.join(
                "", arguments.stream().map(part -> isNull(part) ? "" : (String) part).toList());
      default:
        throw new IllegalArgumentException(function);
    }
  }
}
