package io.gantry.routing.eval;

import io.gantry.routing.eval.Naive.Nothing;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Makes conditions that the compiler has to accept: the types on both sides of each operator fit.
 */
final class RandomCondition {

  private static final List<String> TEXTS = List.of("", "a", "b", "ab", "3", "-2.5", "Ünï", "it's");
  private static final List<String> NUMBERS = List.of("0", "1", "2.5", "3", "0x10", "1e3");
  private static final List<String> PATHS =
      List.of(".t", ".s", ".ok", ".nul", ".none", ".a.b[1]", ".a", ".a.b[7]", ".t.u");

  private final Random random;

  RandomCondition(Random random) {
    this.random = random;
  }

  private <T> T one(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private String anyCase(String word) {
    return switch (random.nextInt(3)) {
      case 0 -> word.toLowerCase(Locale.ROOT);
      case 1 -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT);
      default -> word;
    };
  }

  private Naive binary(String operator, int binds, Naive left, Naive right) {
    return new Naive.Binary(operator, binds, left, right);
  }

  private Naive call(String function, Naive... arguments) {
    return new Naive.Call(anyCase(function), List.of(arguments));
  }

  /** A condition of some depth. */
  Naive bool(int depth) {
    if (depth == 0) {
      return random.nextInt(4) == 0 ? any() : literal(random.nextBoolean());
    }
    int next = depth - 1;
    return switch (random.nextInt(12)) {
      case 0, 1 -> binary("AND", 2, bool(next), bool(next));
      case 2, 3 -> binary("OR", 1, bool(next), bool(next));
      case 4 -> new Naive.Unary("NOT", bool(next));
      case 5 -> binary(one(List.of("=", "!=", "<>")), 3, number(next), number(next));
      case 6 -> binary(one(List.of("=", "!=", "<>")), 3, text(next), text(next));
      case 7 -> binary(one(List.of("<", "<=", ">", ">=")), 4, number(next), number(next));
      case 8 -> binary(one(List.of("<", "<=", ">", ">=")), 4, text(next), text(next));
      case 9 ->
          call(
              one(List.of("IS_DEFINED", "IS_NULL", "IS_BOOL", "IS_STRING", "IS_NUMBER")),
              some(next));
      case 10 -> call(one(List.of("CONTAINS", "STARTS_WITH")), text(next), text(next));
      default -> binary("??", 0, bool(next), bool(next));
    };
  }

  private Naive some(int depth) {
    return switch (random.nextInt(3)) {
      case 0 -> bool(depth);
      case 1 -> number(depth);
      default -> text(depth);
    };
  }

  private Naive number(int depth) {
    if (depth == 0) {
      String written = one(NUMBERS);
      double value = written.startsWith("0x") ? 16 : Double.parseDouble(written);
      return random.nextInt(4) == 0 ? body() : new Naive.Literal(written, value);
    }
    int next = depth - 1;
    return switch (random.nextInt(8)) {
      case 0 -> binary(one(List.of("+", "-")), 5, number(next), number(next));
      case 1 -> binary(one(List.of("*", "/", "%")), 6, number(next), number(next));
      case 2 -> new Naive.Unary("-", number(next));
      case 3 -> call("AS_NUMBER", text(next));
      case 4 -> call(one(List.of("ABS", "FLOOR", "SQRT")), number(next));
      case 5 -> call("POWER", number(next), number(0));
      case 6 -> call("LENGTH", text(next));
      default -> call("INDEX_OF", text(next), text(next));
    };
  }

  private Naive text(int depth) {
    if (depth == 0) {
      return switch (random.nextInt(6)) {
        case 0, 1 -> quoted(one(TEXTS));
        case 2 -> body();
        case 3 -> new Naive.SystemProperty(one(List.of("messageId", "MESSAGEID", "userId")));
        default -> new Naive.Property(one(List.of("key1", "KEY2", "nul", "none")));
      };
    }
    int next = depth - 1;
    return switch (random.nextInt(4)) {
      case 0 -> binary("||", 5, text(next), text(next));
      case 1 -> call("LOWER", text(next));
      case 2 -> call("CONCAT", text(next), text(next), text(next));
      default -> text(0);
    };
  }

  private Naive quoted(String text) {
    String quote = random.nextBoolean() ? "'" : "\"";
    return new Naive.Literal(quote + text.replace(quote, "\\" + quote) + quote, text);
  }

  private static Naive literal(boolean value) {
    return new Naive.Literal(String.valueOf(value), value);
  }

  private Naive any() {
    return switch (random.nextInt(3)) {
      case 0 -> new Naive.Literal("null", Nothing.NULL);
      case 1 -> new Naive.Literal("undefined", Nothing.UNDEFINED);
      default -> body();
    };
  }

  private Naive body() {
    return new Naive.Body(one(PATHS));
  }
}
