package io.gantry.routing.lang;

import static io.gantry.routing.lang.RouteParser.expected;

import io.gantry.routing.lang.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Parses a condition by recursive descent, from the weakest operator to the strongest. The depth is
 * bounded, so that no text can exhaust the stack; operators of one level are gathered in a loop.
 */
final class ExpressionParser {

  private static final int MAX_DEPTH = 200;
  private static final int MAX_TERMS = 1_000;
  private static final List<Set<String>> LEVELS =
      List.of(
          Set.of("??"),
          Set.of("OR"),
          Set.of("AND"),
          Set.of("=", "!=", "<>"),
          Set.of("<", "<=", ">", ">="),
          Set.of("+", "-", "||"),
          Set.of("*", "/", "%"));

  private final Lexer lexer;
  private Token current;
  private int depth;
  private int terms;

  ExpressionParser(Lexer lexer) throws RouteSyntaxException {
    this.lexer = lexer;
    this.current = lexer.next();
  }

  Token current() {
    return current;
  }

  void advance() throws RouteSyntaxException {
    current = lexer.next();
  }

  Expression condition() throws RouteSyntaxException {
    if (++depth > MAX_DEPTH) {
      throw new RouteSyntaxException(
          current.column(), "expected at most " + MAX_DEPTH + " levels of brackets, found more");
    }
    Expression expression = level(0);
    depth--;
    return expression;
  }

  private Expression level(int level) throws RouteSyntaxException {
    if (level == LEVELS.size()) {
      return unary();
    }
    Expression left = level(level + 1);
    while (LEVELS.get(level).contains(operator())) {
      String operator = operator();
      int column = current.column();
      advance();
      left = new Expression.Binary(operator, left, level(level + 1), column);
    }
    return left;
  }

  private String operator() {
    return switch (current.kind()) {
      case SYMBOL -> current.text();
      case NAME -> current.text().toUpperCase(Locale.ROOT);
      default -> "";
    };
  }

  private Expression unary() throws RouteSyntaxException {
    Token token = current;
    if (!token.is("-") && !token.isWord("NOT")) {
      return primary();
    }
    advance();
    if (++depth > MAX_DEPTH) {
      throw new RouteSyntaxException(
          token.column(), "expected at most " + MAX_DEPTH + " levels, found more");
    }
    Expression operand = unary();
    depth--;
    return new Expression.Unary(token.text().toUpperCase(Locale.ROOT), operand, token.column());
  }

  private Expression primary() throws RouteSyntaxException {
    Token token = current;
    if (++terms > MAX_TERMS) {
      throw new RouteSyntaxException(
          token.column(), "expected at most " + MAX_TERMS + " terms, found more");
    }
    advance();
    return switch (token.kind()) {
      case STRING -> new Expression.Text(token.text(), token.column());
      case NUMBER -> number(token);
      case SYSTEM_NAME -> systemProperty(token, false);
      case NAME -> named(token);
      case SYMBOL -> bracket(token);
      case END -> throw expected("a property or a value", token);
    };
  }

  private static Expression number(Token token) throws RouteSyntaxException {
    String text = token.text();
    try {
      boolean hex = text.startsWith("0x") || text.startsWith("0X");
      double value = hex ? Long.parseLong(text.substring(2), 16) : Double.parseDouble(text);
      return new Expression.Number(value, token.column());
    } catch (NumberFormatException malformed) {
      throw expected("a number", token);
    }
  }

  private Expression named(Token token) throws RouteSyntaxException {
    if (current.is("(")) {
      return call(token);
    }
    return switch (token.text()) {
      case "true" -> new Expression.Bool(true, token.column());
      case "false" -> new Expression.Bool(false, token.column());
      case "null" -> new Expression.Null(token.column());
      case "undefined" -> new Expression.Undefined(token.column());
      default -> {
        if (Set.of("FROM", "WHERE", "INTO", "SELECT", "AND", "OR", "NOT")
            .contains(token.text().toUpperCase(Locale.ROOT))) {
          throw expected("a property or a value", token);
        }
        yield new Expression.Property(token.text(), token.column());
      }
    };
  }

  private Expression call(Token name) throws RouteSyntaxException {
    advance();
    List<Expression> arguments = new ArrayList<>();
    if (!current.is(")")) {
      arguments.add(condition());
      while (current.is(",")) {
        advance();
        arguments.add(condition());
      }
    }
    close(")", "',' or ')'");
    return new Expression.Call(name.text(), List.copyOf(arguments), name.column());
  }

  private Expression bracket(Token token) throws RouteSyntaxException {
    if (token.is("(")) {
      Expression inner = condition();
      close(")", "an operator or ')'");
      return inner;
    }
    if (token.is("{")) {
      Token name = current;
      if (name.kind() != Kind.SYSTEM_NAME) {
        throw expected("$name behind {", name);
      }
      advance();
      close("}", "'}'");
      return systemProperty(name, true);
    }
    throw expected("a property or a value", token);
  }

  private void close(String symbol, String description) throws RouteSyntaxException {
    if (!current.is(symbol)) {
      throw expected(description, current);
    }
    advance();
  }

  private static Expression systemProperty(Token token, boolean only) throws RouteSyntaxException {
    String name = token.text().substring(1);
    String lower = name.toLowerCase(Locale.ROOT);
    if (!only && (lower.equals("body") || lower.startsWith("body.") || lower.startsWith("body["))) {
      String path = name.substring("body".length());
      return new Expression.Body(
          BodyPath.parse(path, token.column() + "$body".length()), token.column());
    }
    if (!only && (lower.equals("twin") || lower.startsWith("twin."))) {
      throw new RouteSyntaxException(
          token.column(),
          "expected a property of the message or its $body, found '"
              + token.text()
              + "'; conditions on twins are not supported on the edge");
    }
    return new Expression.SystemProperty(name, only, token.column());
  }
}
