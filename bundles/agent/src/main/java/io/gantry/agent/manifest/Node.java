package io.gantry.agent.manifest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A place in the manifest with its path, which may hold nothing. Reading never fails: what is not
 * as expected is noted with the path, and a stand-in is handed on so that one reading finds all
 * errors. Values are quoted in errors only where they are words of the schema; anywhere else a
 * secret may have slipped in.
 */
final class Node {

  private static final int LONGEST = 60;

  private final String name;
  private final String path;
  private final @Nullable JsonElement value;
  private final Problems problems;

  private Node(String name, String path, @Nullable JsonElement value, Problems problems) {
    this.name = name;
    this.path = path;
    this.value = value;
    this.problems = problems;
  }

  static Node root(String path, @Nullable JsonElement value, Problems problems) {
    return new Node(path, path, value, problems);
  }

  /** The same, told of by another path. */
  Node at(String otherPath) {
    return new Node(name, otherPath, value, problems);
  }

  String name() {
    return name;
  }

  String path() {
    return path;
  }

  /** Nothing is written here. */
  boolean isMissing() {
    return value == null;
  }

  /** Nothing, or null. */
  boolean isAbsent() {
    return value == null || value.isJsonNull();
  }

  Optional<JsonElement> json() {
    return isAbsent() ? Optional.empty() : Optional.of(value);
  }

  /** The member of this name; letters may differ in case, as the schema's names do not mind it. */
  Node child(String child) {
    JsonElement found = null;
    for (Map.Entry<String, JsonElement> member : members()) {
      if (member.getKey().equalsIgnoreCase(child)) {
        if (found != null) {
          problems.error(path + ": " + child + " is given twice, with other capital letters");
        }
        found = member.getValue();
      }
    }
    return new Node(child, path + "." + child, found, problems);
  }

  /** All members in the order written. */
  List<Node> children() {
    List<Node> children = new ArrayList<>();
    for (Map.Entry<String, JsonElement> member : members()) {
      String child = member.getKey();
      children.add(new Node(child, path + "." + shorten(child), member.getValue(), problems));
    }
    return children;
  }

  /** All elements of a list. */
  List<Node> elements() {
    List<Node> elements = new ArrayList<>();
    if (value != null && value.isJsonArray()) {
      for (JsonElement element : value.getAsJsonArray()) {
        String index = "[" + elements.size() + "]";
        elements.add(new Node(index, path + index, element, problems));
      }
    }
    return elements;
  }

  private Iterable<Map.Entry<String, JsonElement>> members() {
    return value != null && value.isJsonObject() ? value.getAsJsonObject().entrySet() : List.of();
  }

  /** Whether an object is here; notes it when something else is, or when nothing is. */
  boolean requireObject() {
    if (value != null && value.isJsonObject()) {
      return true;
    }
    refuse("an object");
    return false;
  }

  /** Whether an object is here; notes it when something else is. */
  boolean objectIfPresent() {
    return !isAbsent() && requireObject();
  }

  Optional<JsonObject> object() {
    return requireObject() && value != null
        ? Optional.of(value.getAsJsonObject())
        : Optional.empty();
  }

  /** The text here; notes anything else. */
  Optional<String> optionalText() {
    if (isAbsent()) {
      return Optional.empty();
    }
    if (value instanceof JsonPrimitive primitive && primitive.isString()) {
      return Optional.of(primitive.getAsString());
    }
    refuse("text");
    return Optional.empty();
  }

  /** The text here; notes blank text and anything else, with an empty stand-in. */
  String requiredText() {
    if (isAbsent()) {
      refuse("text that is not blank");
      return "";
    }
    Optional<String> text = optionalText();
    if (text.isPresent() && text.get().isBlank()) {
      problems.error(path, "text that is not blank", "blank text");
    }
    return text.orElse("");
  }

  /** Text, number or truth value as text; empty when something else is here, without a note. */
  Optional<String> scalar() {
    return value instanceof JsonPrimitive primitive
        ? Optional.of(primitive.getAsString())
        : Optional.empty();
  }

  /** One of the schema's words, in whatever case. */
  <E> E word(E[] words, Function<E, String> spelling, E standIn) {
    Optional<String> text = scalar();
    for (E word : words) {
      if (text.isPresent() && spelling.apply(word).equalsIgnoreCase(text.get().strip())) {
        return word;
      }
    }
    List<String> expected = new ArrayList<>();
    for (E word : words) {
      expected.add(spelling.apply(word));
    }
    problems.error(
        path, String.join(" or ", expected), text.map(Node::quote).orElseGet(this::found));
    return standIn;
  }

  /** True or false; what it is when nothing is written here. */
  boolean truth(boolean otherwise) {
    if (value instanceof JsonPrimitive primitive && primitive.isBoolean()) {
      return primitive.getAsBoolean();
    }
    if (!isMissing()) {
      refuse("true or false");
    }
    return otherwise;
  }

  /** A whole number within bounds. */
  long wholeNumber(long least, long most, long standIn) {
    if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
      BigDecimal number = primitive.getAsBigDecimal();
      if (number.compareTo(BigDecimal.valueOf(least)) >= 0
          && number.compareTo(BigDecimal.valueOf(most)) <= 0
          && number.stripTrailingZeros().scale() <= 0) {
        return number.longValueExact();
      }
      refuse("a whole number from " + least + " to " + most, shorten(number.toString()));
      return standIn;
    }
    refuse("a whole number from " + least + " to " + most);
    return standIn;
  }

  void refuse(String expected) {
    problems.error(path, expected, found());
  }

  void refuse(String expected, String found) {
    problems.error(path, expected, found);
  }

  void warn(String text) {
    problems.warning(path, text);
  }

  Problems problems() {
    return problems;
  }

  private String found() {
    if (value == null) {
      return "nothing";
    }
    if (value instanceof JsonPrimitive primitive) {
      return primitive.isString() ? "text" : primitive.isNumber() ? "a number" : "true or false";
    }
    return value.isJsonNull() ? "null" : value.isJsonArray() ? "a list" : "an object";
  }

  static String quote(String text) {
    return "'" + shorten(text) + "'";
  }

  static String shorten(String text) {
    String shown = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    return shown.replaceAll("\\p{Cntrl}", "?");
  }
}
