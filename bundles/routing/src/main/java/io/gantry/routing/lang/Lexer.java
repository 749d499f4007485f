package io.gantry.routing.lang;

import io.gantry.routing.lang.Token.Kind;
import java.util.List;

/**
 * Cuts a route into words, one at a time. Names follow the rule of the vendor's grammar: anything
 * but blanks and separators, so {@code content-type} is one name and {@code a - b} is a
 * subtraction.
 */
final class Lexer {

  private static final String SEPARATORS = "()<>@,;:\\\"/[]?={}'";
  private static final List<String> SYMBOLS =
      List.of(
          "!=", "<>", "<=", ">=", "??", "||", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",",
          "{", "}");

  private final String text;
  private int position;

  Lexer(String text) {
    this.text = text;
  }

  Token next() throws RouteSyntaxException {
    skipBlanks();
    if (position == text.length()) {
      return new Token(Kind.END, "", position + 1);
    }
    char c = text.charAt(position);
    if (c == '\'' || c == '"') {
      return string(c);
    }
    if (isDigit(c)
        || c == '.' && position + 1 < text.length() && isDigit(text.charAt(position + 1))) {
      return number();
    }
    if (c == '$') {
      return systemName();
    }
    if (Character.isLetter(c) || c == '_') {
      return name();
    }
    return symbol();
  }

  /** The rest up to the next blank: a source may contain what looks like a comment. */
  Token source() {
    skipPlainBlanks();
    int start = position;
    while (position < text.length() && !Character.isWhitespace(text.charAt(position))) {
      position++;
    }
    Kind kind = position == start ? Kind.END : Kind.NAME;
    return new Token(kind, text.substring(start, position), start + 1);
  }

  private void skipPlainBlanks() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
  }

  private void skipBlanks() throws RouteSyntaxException {
    skipPlainBlanks();
    while (text.startsWith("/*", position)) {
      int end = text.indexOf("*/", position + 2);
      if (end < 0) {
        throw new RouteSyntaxException(
            position + 1, "expected */ at the end of the comment, found none");
      }
      position = end + 2;
      skipPlainBlanks();
    }
  }

  private Token string(char quote) throws RouteSyntaxException {
    int start = position++;
    StringBuilder value = new StringBuilder();
    while (position < text.length()) {
      char c = text.charAt(position++);
      if (c == quote) {
        return new Token(Kind.STRING, value.toString(), start + 1);
      }
      value.append(c == '\\' ? escape() : c);
    }
    throw new RouteSyntaxException(
        start + 1, "expected " + quote + " at the end of the text, found none");
  }

  private char escape() throws RouteSyntaxException {
    int at = position;
    char c = position < text.length() ? text.charAt(position++) : ' ';
    if (c == '"' || c == '\'' || c == '\\') {
      return c;
    }
    if (c == 'u' && position + 4 <= text.length()) {
      String hex = text.substring(position, position + 4);
      if (hex.matches("[0-9a-fA-F]{4}")) {
        position += 4;
        return (char) Integer.parseInt(hex, 16);
      }
    }
    throw new RouteSyntaxException(
        at, "expected one of \\\" \\' \\\\ \\uXXXX, found another escape");
  }

  private Token number() throws RouteSyntaxException {
    int start = position;
    if (text.startsWith("0x", position) || text.startsWith("0X", position)) {
      position += 2;
      skipWhile("0123456789abcdefABCDEF");
    } else {
      skipDigits();
      if (position < text.length() && text.charAt(position) == '.') {
        position++;
        skipDigits();
      }
      exponent();
    }
    if (position < text.length()
        && isNamePart(position)
        && "+-*%".indexOf(text.charAt(position)) < 0) {
      throw new RouteSyntaxException(
          start + 1, "expected a number, found '" + text.substring(start, position + 1) + "'");
    }
    return new Token(Kind.NUMBER, text.substring(start, position), start + 1);
  }

  private void exponent() {
    if (position < text.length() && "eE".indexOf(text.charAt(position)) >= 0) {
      position++;
      if (position < text.length() && "+-".indexOf(text.charAt(position)) >= 0) {
        position++;
      }
      skipDigits();
    }
  }

  private void skipDigits() {
    skipWhile("0123456789");
  }

  private void skipWhile(String allowed) {
    while (position < text.length() && allowed.indexOf(text.charAt(position)) >= 0) {
      position++;
    }
  }

  private Token name() {
    int start = position;
    while (position < text.length() && isNamePart(position)) {
      position++;
    }
    return new Token(Kind.NAME, text.substring(start, position), start + 1);
  }

  private Token systemName() throws RouteSyntaxException {
    int start = position++;
    while (position < text.length()
        && (isNamePart(position) || "[]".indexOf(text.charAt(position)) >= 0)) {
      position++;
    }
    if (position == start + 1) {
      throw new RouteSyntaxException(start + 1, "expected a name behind $, found none");
    }
    return new Token(Kind.SYSTEM_NAME, text.substring(start, position), start + 1);
  }

  private boolean isNamePart(int at) {
    char c = text.charAt(at);
    boolean operator = text.startsWith("!=", at) || text.startsWith("||", at);
    return !operator && c > ' ' && !Character.isWhitespace(c) && SEPARATORS.indexOf(c) < 0;
  }

  private Token symbol() throws RouteSyntaxException {
    for (String symbol : SYMBOLS) {
      if (text.startsWith(symbol, position)) {
        Token token = new Token(Kind.SYMBOL, symbol, position + 1);
        position += symbol.length();
        return token;
      }
    }
    throw new RouteSyntaxException(
        position + 1,
        "expected a property, a value or an operator, found '" + text.charAt(position) + "'");
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
