package io.gantry.routing.lang;

import io.gantry.routing.lang.Token.Kind;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.TopicFilter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses {@code [SELECT *] FROM source [WHERE condition] INTO sink}. */
public final class RouteParser {

  private static final int MAX_LENGTH = 64 * 1024;
  private static final Pattern SOURCE =
      Pattern.compile(
          "/\\*?|/messages(/\\*)?|/messages/modules(/\\*)?"
              + "|/messages/modules/[^/*]+(/\\*)?"
              + "|/messages/modules/[^/*]+/outputs(/\\*)?"
              + "|/messages/modules/[^/*]+/outputs/[^/*]+(/\\*)?"
              + "|/twinchangenotifications(/\\*)?");
  private static final Pattern MODULE_INPUT =
      Pattern.compile("/modules/([^/#]+)/inputs/([^/#]+)", Pattern.CASE_INSENSITIVE);

  private final Lexer lexer;

  private RouteParser(String text) {
    lexer = new Lexer(text);
  }

  /** Parses a whole route. */
  public static Route parse(String text) throws RouteSyntaxException {
    if (text.length() > MAX_LENGTH) {
      throw new RouteSyntaxException(
          MAX_LENGTH, "expected at most " + MAX_LENGTH + " characters, found " + text.length());
    }
    return new RouteParser(text).route();
  }

  private Route route() throws RouteSyntaxException {
    Token token = lexer.next();
    if (token.isWord("SELECT")) {
      expectStar();
      token = lexer.next();
    }
    if (!token.isWord("FROM")) {
      throw expected("FROM", token);
    }
    Source source = source();
    ExpressionParser expressions = new ExpressionParser(lexer);
    Optional<Expression> condition = Optional.empty();
    if (expressions.current().isWord("WHERE")) {
      expressions.advance();
      condition =
          expressions.current().isWord("INTO")
              ? Optional.of(new Expression.Undefined(expressions.current().column()))
              : Optional.of(expressions.condition());
    }
    if (!expressions.current().isWord("INTO")) {
      throw expected(
          condition.isPresent() ? "an operator or INTO" : "WHERE or INTO", expressions.current());
    }
    EndpointAddress sink = sink();
    Token end = lexer.next();
    if (end.kind() != Kind.END) {
      throw expected("the end of the route", end);
    }
    return new Route(source, condition, sink);
  }

  private void expectStar() throws RouteSyntaxException {
    Token star = lexer.next();
    if (!star.is("*")) {
      throw expected("*", star);
    }
  }

  private Source source() throws RouteSyntaxException {
    Token token = lexer.source();
    if (token.text().startsWith(Source.TOPICS)) {
      return topics(token);
    }
    String source = token.text().toLowerCase(Locale.ROOT);
    if (!SOURCE.matcher(source).matches()) {
      throw new RouteSyntaxException(
          token.column(),
          "expected a source (/*, /messages/*, /messages/modules/*, /messages/modules/{module}/*,"
              + " /messages/modules/{module}/outputs/{output}, /twinChangeNotifications,"
              + " /topics/{MQTT filter}), found "
              + token.describe());
    }
    String prefix = source.endsWith("*") ? source.substring(0, source.length() - 1) : source;
    return new Source.Path(
        prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix);
  }

  private static Source topics(Token token) throws RouteSyntaxException {
    String filter = token.text().substring(Source.TOPICS.length());
    if (!TopicFilter.isValid(filter)) {
      throw new RouteSyntaxException(
          token.column() + Source.TOPICS.length(),
          "expected an MQTT filter (+ stands for one level, # at the end for all that follow), found"
              + " '"
              + filter
              + "'");
    }
    return new Source.Topics(new TopicFilter(filter));
  }

  private EndpointAddress sink() throws RouteSyntaxException {
    Token token = lexer.next();
    if (token.kind() == Kind.SYSTEM_NAME && token.text().equalsIgnoreCase("$upstream")) {
      return new EndpointAddress.Upstream();
    }
    boolean topic = token.isWord("Topic");
    if (!topic && !token.isWord("BrokeredEndpoint")) {
      throw expected(
          "$upstream, BrokeredEndpoint(\"/modules/{module}/inputs/{input}\") or"
              + " Topic(\"{topic}\")",
          token);
    }
    expect("(");
    Token address = lexer.next();
    EndpointAddress sink = topic ? topic(address) : moduleInput(address);
    expect(")");
    return sink;
  }

  private static EndpointAddress moduleInput(Token address) throws RouteSyntaxException {
    Matcher input = MODULE_INPUT.matcher(address.text());
    if (address.kind() != Kind.STRING || !input.matches()) {
      throw expected("the text \"/modules/{module}/inputs/{input}\"", address);
    }
    return new EndpointAddress.ModuleInput(input.group(1), input.group(2));
  }

  private static EndpointAddress topic(Token address) throws RouteSyntaxException {
    if (address.kind() != Kind.STRING || !EndpointAddress.Topic.isTemplate(address.text())) {
      throw expected(
          "a topic in quotes, without + and #, which does not begin with devices/ or $; ${name} in"
              + " it stands for a property",
          address);
    }
    return new EndpointAddress.Topic(address.text());
  }

  private void expect(String symbol) throws RouteSyntaxException {
    Token token = lexer.next();
    if (!token.is(symbol)) {
      throw expected("'" + symbol + "'", token);
    }
  }

  static RouteSyntaxException expected(String what, Token found) {
    return new RouteSyntaxException(
        found.column(), "expected " + what + ", found " + found.describe());
  }
}
