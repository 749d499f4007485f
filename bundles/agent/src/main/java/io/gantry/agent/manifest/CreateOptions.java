package io.gantry.agent.manifest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.gantry.spi.module.ModuleSpec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The create options of a module: text with JSON in it, which may be cut into {@code
 * createOptions}, {@code createOptions01}, {@code createOptions02}, ..., or the object itself.
 *
 * @param json the JSON object, on one line
 * @param configuration settings by configuration PID
 * @param exclusive whether two versions must never run at the same time
 */
record CreateOptions(
    String json, Map<String, Map<String, Object>> configuration, boolean exclusive) {

  private static final String KEY = "createOptions";
  private static final String IN_PROCESS = "in-process";
  private static final Set<String> MEANT = Set.of("configuration", "exclusive", "isolation");
  private static final Pattern PIECE =
      Pattern.compile(KEY + "(\\d{1,9})", Pattern.CASE_INSENSITIVE);
  private static final int MOST_PIECES = 100;
  private static final CreateOptions NONE = new CreateOptions("{}", Map.of(), false);

  /** Reads what a bundle understands, and warns of the rest. */
  static CreateOptions ofModule(Node settings) {
    return object(settings).map(CreateOptions::understood).orElse(NONE);
  }

  private static CreateOptions understood(Node options) {
    for (Node option : options.children()) {
      if (!MEANT.contains(option.name().toLowerCase(Locale.ROOT))) {
        option.warn("a create option without meaning for a bundle has no effect");
      }
    }
    isolation(options.child("isolation"));
    return new CreateOptions(
        json(options),
        configuration(options.child("configuration")),
        options.child("exclusive").truth(false));
  }

  /** Only checks the form: a system module has no options of ours. */
  static String ofSystemModule(Node settings) {
    return object(settings).map(CreateOptions::json).orElse("{}");
  }

  private static String json(Node node) {
    return node.json().map(JsonElement::toString).orElse("{}");
  }

  private static Optional<Node> object(Node settings) {
    Node node = settings.child(KEY);
    if (node.isAbsent()) {
      return Optional.empty();
    }
    Optional<String> text =
        node.json().filter(JsonElement::isJsonPrimitive).map(t -> join(settings));
    if (text.isEmpty()) {
      return node.requireObject() ? Optional.of(node) : Optional.empty();
    }
    return text.get().isBlank() ? Optional.empty() : parsed(node, text.get());
  }

  private static Optional<Node> parsed(Node node, String text) {
    try {
      Node parsed = Node.root(node.path(), JsonTree.parse(text), node.problems());
      return parsed.objectIfPresent() ? Optional.of(parsed) : Optional.empty();
    } catch (JsonSyntaxError e) {
      node.refuse("text with a JSON object in it", "at its " + e.getMessage());
      return Optional.empty();
    }
  }

  private static String join(Node settings) {
    StringBuilder joined = new StringBuilder(settings.child(KEY).optionalText().orElse(""));
    int pieces = 1;
    while (pieces < MOST_PIECES && !settings.child(key(pieces)).isAbsent()) {
      joined.append(settings.child(key(pieces)).optionalText().orElse(""));
      pieces++;
    }
    warnOfOthers(settings, pieces);
    return joined.toString();
  }

  private static String key(int piece) {
    return String.format(Locale.ROOT, "%s%02d", KEY, piece);
  }

  /** Behind a gap nothing is read, which is IoT Edge's rule; a person would not expect it. */
  private static void warnOfOthers(Node settings, int pieces) {
    for (Node other : settings.children()) {
      Matcher piece = PIECE.matcher(other.name());
      if (piece.matches() && !other.isAbsent() && !isRead(piece.group(1), pieces)) {
        other.warn(
            "is not read, pieces are joined from createOptions and createOptions01 on without gap");
      }
    }
  }

  private static boolean isRead(String digits, int pieces) {
    int number = Integer.parseInt(digits);
    return digits.length() == 2 && number > 0 && number < pieces;
  }

  private static void isolation(Node isolation) {
    boolean process = isolation.scalar().filter("process"::equalsIgnoreCase).isPresent();
    if (process) {
      isolation.refuse(
          IN_PROCESS, "'process'; this runtime has no modules in processes of their own");
    } else if (!isolation.isMissing()) {
      isolation.word(new String[] {IN_PROCESS}, word -> word, IN_PROCESS);
    }
  }

  private static Map<String, Map<String, Object>> configuration(Node configuration) {
    Map<String, Map<String, Object>> byPid = new LinkedHashMap<>();
    if (!configuration.isMissing()) {
      configuration.requireObject();
    }
    for (Node pid : configuration.children()) {
      if (pid.name().isBlank() || pid.name().equals(ModuleSpec.ENVIRONMENT_PID)) {
        pid.refuse("a configuration PID other than " + ModuleSpec.ENVIRONMENT_PID, "that or none");
      } else if (pid.requireObject()) {
        byPid.put(pid.name(), settings(pid));
      }
    }
    return byPid;
  }

  private static Map<String, Object> settings(Node pid) {
    Map<String, Object> settings = new LinkedHashMap<>();
    for (Node setting : pid.children()) {
      Optional<Object> value = setting.json().flatMap(CreateOptions::value);
      value.ifPresentOrElse(
          known -> settings.put(setting.name(), known),
          () -> setting.refuse("text, number, true, false or a list of those"));
    }
    return Map.copyOf(settings);
  }

  private static Optional<Object> value(JsonElement json) {
    if (json instanceof JsonArray array) {
      List<Object> values = new ArrayList<>();
      array.forEach(element -> scalar(element).ifPresent(values::add));
      return values.size() == array.size() ? Optional.of(List.copyOf(values)) : Optional.empty();
    }
    return scalar(json);
  }

  private static Optional<Object> scalar(JsonElement json) {
    if (!(json instanceof JsonPrimitive primitive)) {
      return Optional.empty();
    }
    if (primitive.isBoolean()) {
      return Optional.of(primitive.getAsBoolean());
    }
    return primitive.isString() ? Optional.of(primitive.getAsString()) : number(primitive);
  }

  private static Optional<Object> number(JsonPrimitive primitive) {
    BigDecimal number = primitive.getAsBigDecimal();
    try {
      if (number.scale() <= 0) {
        return Optional.of(number.longValueExact());
      }
    } catch (ArithmeticException tooLarge) {
      return Optional.empty();
    }
    return Double.isFinite(number.doubleValue())
        ? Optional.of(number.doubleValue())
        : Optional.empty();
  }
}
