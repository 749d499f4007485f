package io.gantry.hub.json;

import java.util.regex.Pattern;

/** Says to a person what a parser says to a programmer. */
public final class JsonProblem {

  /** Advice on how to call the parser. */
  private static final Pattern ADVICE =
      Pattern.compile("^Use JsonReader\\S* to accept malformed JSON");

  private static final int MOST = 300;

  private JsonProblem() {}

  /** What was found, with its place; no value. */
  public static String found(Exception malformed) {
    String first = String.valueOf(malformed.getMessage()).lines().findFirst().orElse("nothing");
    String text = ADVICE.matcher(first).replaceFirst("a mistake");
    return text.length() > MOST ? text.substring(0, MOST) + "..." : text;
  }
}
