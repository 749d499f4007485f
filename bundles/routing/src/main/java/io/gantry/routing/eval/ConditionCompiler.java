package io.gantry.routing.eval;

import io.gantry.routing.lang.Expression;
import io.gantry.routing.lang.Route;
import io.gantry.routing.lang.RouteSyntaxException;
import io.gantry.routing.lang.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.IntPredicate;

/**
 * Makes closures of a condition and finds type errors on the way: application and system properties
 * are texts, and nothing is converted silently.
 */
public final class ConditionCompiler {

  private final BodyPaths paths;
  private boolean twinChanges = true;

  /**
   * @param paths collects the places in the body that conditions ask for
   */
  public ConditionCompiler(BodyPaths paths) {
    this.paths = paths;
  }

  /** Compiles the condition of a route; without one every message matches. */
  public Condition compile(Route route) throws RouteSyntaxException {
    twinChanges = route.source().equals(Source.TWIN_CHANGES);
    try {
      return compile(route.condition());
    } finally {
      twinChanges = true;
    }
  }

  /** Compiles a condition; without one every message matches. */
  public Condition compile(Optional<Expression> condition) throws RouteSyntaxException {
    if (condition.isEmpty()) {
      return scope -> true;
    }
    Term.Code code = term(condition.get()).code();
    return scope -> code.value(scope) == Boolean.TRUE;
  }

  /** The value of a part of a condition whose places in the body are known already. */
  Object value(Expression part, Scope scope) throws RouteSyntaxException {
    return term(part).code().value(scope);
  }

  private Term term(Expression expression) throws RouteSyntaxException {
    if (expression instanceof Expression.Text text) {
      return constant(Type.TEXT, text.value());
    } else if (expression instanceof Expression.Number number) {
      return constant(Type.NUMBER, number.value());
    } else if (expression instanceof Expression.Bool bool) {
      return constant(Type.BOOL, bool.value());
    } else if (expression instanceof Expression.Null) {
      return constant(Type.ANY, Absent.NULL);
    } else if (expression instanceof Expression.Undefined) {
      return constant(Type.ANY, Absent.UNDEFINED);
    } else if (expression instanceof Expression.Property property) {
      return new Term(Type.TEXT, scope -> scope.property(property.name()));
    } else if (expression instanceof Expression.SystemProperty property) {
      return systemProperty(property);
    } else if (expression instanceof Expression.Body body) {
      int slot = paths.slot(body.path());
      return new Term(Type.ANY, scope -> scope.body(slot));
    } else if (expression instanceof Expression.Call call) {
      return call(call);
    } else if (expression instanceof Expression.Unary unary) {
      return unary(unary);
    }
    return binary((Expression.Binary) expression);
  }

  private static Term constant(Type type, Object value) {
    return new Term(type, scope -> value);
  }

  private static Term systemProperty(Expression.SystemProperty property) {
    String name = property.name();
    if (property.only()) {
      return new Term(Type.TEXT, scope -> scope.systemProperty(name));
    }
    String literal = "$" + name;
    return new Term(
        Type.TEXT,
        scope -> {
          Object application = scope.property(literal);
          return application == Absent.UNDEFINED ? scope.systemProperty(name) : application;
        });
  }

  private Term unary(Expression.Unary unary) throws RouteSyntaxException {
    Term operand = term(unary.operand());
    Term.Code code = operand.code();
    if (unary.operator().equals("NOT")) {
      require(Type.BOOL, operand, unary.operand(), "behind NOT");
      return new Term(Type.BOOL, scope -> Operators.not(code.value(scope)));
    }
    require(Type.NUMBER, operand, unary.operand(), "behind -");
    return new Term(Type.NUMBER, scope -> Operators.negative(code.value(scope)));
  }

  private Term binary(Expression.Binary binary) throws RouteSyntaxException {
    Term left = term(binary.left());
    Term right = term(binary.right());
    String operator = binary.operator();
    return switch (operator) {
      case "AND" -> logical(binary, left, right, true);
      case "OR" -> logical(binary, left, right, false);
      case "=" -> compared(binary, left, right, Operators::equal);
      case "!=", "<>" -> compared(binary, left, right, (a, b) -> negated(Operators.equal(a, b)));
      case "<" -> ordered(binary, left, right, sign -> sign < 0);
      case "<=" -> ordered(binary, left, right, sign -> sign <= 0);
      case ">" -> ordered(binary, left, right, sign -> sign > 0);
      case ">=" -> ordered(binary, left, right, sign -> sign >= 0);
      case "||" -> {
        require(Type.TEXT, left, binary.left(), "beside ||");
        require(Type.TEXT, right, binary.right(), "beside ||");
        yield of(Type.TEXT, left, right, Operators::join);
      }
      case "??" -> alternative(binary, left, right);
      default -> {
        require(Type.NUMBER, left, binary.left(), "beside " + operator);
        require(Type.NUMBER, right, binary.right(), "beside " + operator);
        yield of(Type.NUMBER, left, right, (a, b) -> Operators.arithmetic(operator, a, b));
      }
    };
  }

  private static Object negated(Object equal) {
    return equal instanceof Boolean bool ? (Object) !bool : equal;
  }

  private static Term of(Type type, Term left, Term right, BinaryOperator<Object> operator) {
    Term.Code first = left.code();
    Term.Code second = right.code();
    return new Term(type, scope -> operator.apply(first.value(scope), second.value(scope)));
  }

  /** The right side is left alone when the left side decides. */
  private static Term logical(Expression.Binary binary, Term left, Term right, boolean and)
      throws RouteSyntaxException {
    require(Type.BOOL, left, binary.left(), "beside " + binary.operator());
    require(Type.BOOL, right, binary.right(), "beside " + binary.operator());
    Term.Code first = left.code();
    Term.Code second = right.code();
    if (and) {
      return new Term(
          Type.BOOL,
          scope -> {
            Object value = first.value(scope);
            return value == Boolean.FALSE ? value : Operators.and(value, second.value(scope));
          });
    }
    return new Term(
        Type.BOOL,
        scope -> {
          Object value = first.value(scope);
          return value == Boolean.TRUE ? value : Operators.or(value, second.value(scope));
        });
  }

  private static Term compared(
      Expression.Binary binary, Term left, Term right, BinaryOperator<Object> operator)
      throws RouteSyntaxException {
    requireSame(binary, left, right);
    return of(Type.BOOL, left, right, operator);
  }

  private static Term ordered(Expression.Binary binary, Term left, Term right, IntPredicate wanted)
      throws RouteSyntaxException {
    requireSame(binary, left, right);
    return of(Type.BOOL, left, right, (a, b) -> Operators.compare(a, b, wanted));
  }

  private static Term alternative(Expression.Binary binary, Term left, Term right)
      throws RouteSyntaxException {
    requireSame(binary, left, right);
    Type type = left.type() == Type.ANY ? right.type() : left.type();
    return of(type, left, right, (a, b) -> a == Absent.UNDEFINED ? b : a);
  }

  private Term call(Expression.Call call) throws RouteSyntaxException {
    if (TwinChange.isCalled(call)) {
      if (!twinChanges) {
        throw new RouteSyntaxException(
            call.column(),
            "expected " + call.function() + " only in a route FROM /twinChangeNotifications");
      }
      return TwinChange.term(call, paths);
    }
    Functions.Definition function =
        Functions.find(call.function())
            .orElseThrow(
                () ->
                    new RouteSyntaxException(
                        call.column(),
                        "expected a function ("
                            + Functions.names()
                            + "), found '"
                            + call.function()
                            + "'"));
    requireCount(call, function);
    List<Term.Code> codes = new ArrayList<>();
    for (int i = 0; i < call.arguments().size(); i++) {
      codes.add(argument(call, function, i).code());
    }
    Term.Code[] arguments = codes.toArray(Term.Code[]::new);
    return new Term(
        function.result(),
        scope -> {
          Object[] values = new Object[arguments.length];
          for (int i = 0; i < values.length; i++) {
            values[i] = arguments[i].value(scope);
          }
          return function.code().apply(values);
        });
  }

  private static void requireCount(Expression.Call call, Functions.Definition function)
      throws RouteSyntaxException {
    int count = call.arguments().size();
    if (count < function.least() || count > function.most()) {
      String wanted =
          function.least() == function.most()
              ? String.valueOf(function.least())
              : function.least() + " to " + function.most();
      throw new RouteSyntaxException(
          call.column(),
          "expected " + wanted + " arguments of " + call.function() + ", found " + count);
    }
  }

  private Term argument(Expression.Call call, Functions.Definition function, int index)
      throws RouteSyntaxException {
    Expression expression = call.arguments().get(index);
    Term term = term(expression);
    Type wanted = function.argument(index);
    boolean literalNothing =
        expression instanceof Expression.Null || expression instanceof Expression.Undefined;
    if (wanted != Type.ANY && literalNothing) {
      throw new RouteSyntaxException(
          expression.column(),
          "expected " + wanted.describe() + " in " + call.function() + ", found null or undefined");
    }
    require(wanted, term, expression, "in " + call.function());
    return term;
  }

  private static void require(Type wanted, Term found, Expression expression, String where)
      throws RouteSyntaxException {
    if (!wanted.fits(found.type())) {
      throw new RouteSyntaxException(
          expression.column(),
          "expected "
              + wanted.describe()
              + " "
              + where
              + ", found "
              + found.type().describe()
              + advice(wanted, found.type()));
    }
  }

  private static void requireSame(Expression.Binary binary, Term left, Term right)
      throws RouteSyntaxException {
    if (!left.type().fits(right.type())) {
      throw new RouteSyntaxException(
          binary.column(),
          "expected the same kind of value on both sides of "
              + binary.operator()
              + ", found "
              + left.type().describe()
              + " and "
              + right.type().describe()
              + advice(left.type(), right.type()));
    }
  }

  private static String advice(Type one, Type other) {
    boolean textForNumber =
        one == Type.NUMBER && other == Type.TEXT || one == Type.TEXT && other == Type.NUMBER;
    return textForNumber ? "; properties are texts, write AS_NUMBER(property)" : "";
  }
}
