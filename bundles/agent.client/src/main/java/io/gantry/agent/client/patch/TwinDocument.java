package io.gantry.agent.client.patch;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes a document fit into a twin (IoT Hub, "Tags and properties format"): its names, the length
 * of its texts, and its size. What an operator wrote into a manifest, and what many modules say at
 * once, must not keep the state of all of them from being reported: so the least important goes,
 * step by step, and the document says what has gone.
 */
public final class TwinDocument {

  private static final int MOST_BYTES = 32 * 1024;
  private static final int MOST_TEXT_BYTES = 4096;
  private static final int SHORT_TEXT_BYTES = 200;
  private static final String CUT = "...";
  private static final String OMITTED = "omitted";
  private static final List<String> SECTIONS = List.of("systemModules", "modules");

  /** By these a back end sees whether what it wants is so, and if not, why. */
  private static final Set<String> ESSENTIAL =
      Set.of("status", "runtimeStatus", "lastError", "settings");

  private static final Set<String> STATUS = Set.of("status", "runtimeStatus");

  /**
   * A step by which a document gets smaller.
   *
   * @param what goes, for a reader of the document
   */
  private record Reduction(String what, Consumer<JsonObject> of) {

    static Reduction ofModules(String what, Consumer<JsonObject> of) {
      return new Reduction(what, document -> modules(document).forEach(of));
    }
  }

  private static final List<Reduction> REDUCTIONS =
      List.of(
          Reduction.ofModules("env", module -> module.remove("env")),
          Reduction.ofModules("createOptions", TwinDocument::removeCreateOptions),
          Reduction.ofModules("long texts", TwinDocument::shorten),
          Reduction.ofModules(
              "of modules all but status, error and image",
              module -> module.keySet().retainAll(ESSENTIAL)),
          Reduction.ofModules(
              "of modules all but status", module -> module.keySet().retainAll(STATUS)),
          new Reduction("modules, settings of the runtime", TwinDocument::removeSections));

  private TwinDocument() {}

  /** The document as a twin can hold it; the same when it can. */
  public static JsonObject of(JsonObject document) {
    JsonObject fitting = (JsonObject) fit(document);
    List<String> omitted = new ArrayList<>();
    for (Reduction reduction : REDUCTIONS) {
      if (bytes(fitting.toString()) <= MOST_BYTES) {
        return fitting;
      }
      reduction.of().accept(fitting);
      omitted.add(reduction.what());
      fitting.addProperty(OMITTED, String.join("; ", omitted));
    }
    return fitting;
  }

  private static List<JsonObject> modules(JsonObject document) {
    List<JsonObject> modules = new ArrayList<>();
    for (String section : SECTIONS) {
      if (document.get(section) instanceof JsonObject named) {
        named.asMap().values().forEach(module -> modules.add(module.getAsJsonObject()));
      }
    }
    return modules;
  }

  private static void removeCreateOptions(JsonObject module) {
    if (module.get("settings") instanceof JsonObject settings) {
      settings.keySet().removeIf(name -> name.startsWith("createOptions"));
    }
  }

  private static void shorten(JsonObject module) {
    for (Map.Entry<String, JsonElement> member : module.entrySet()) {
      if (member.getValue() instanceof JsonPrimitive primitive && primitive.isString()) {
        member.setValue(new JsonPrimitive(text(primitive.getAsString(), SHORT_TEXT_BYTES)));
      }
    }
  }

  private static void removeSections(JsonObject document) {
    SECTIONS.forEach(document::remove);
    if (document.get("runtime") instanceof JsonObject runtime) {
      runtime.remove("settings");
    }
  }

  private static JsonElement fit(JsonElement element) {
    if (element instanceof JsonObject object) {
      JsonObject fitting = new JsonObject();
      for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
        fitting.add(name(entry.getKey()), fit(entry.getValue()));
      }
      return fitting;
    }
    if (element instanceof JsonArray array) {
      JsonArray fitting = new JsonArray();
      array.forEach(inner -> fitting.add(fit(inner)));
      return fitting;
    }
    return element instanceof JsonPrimitive primitive && primitive.isString()
        ? new JsonPrimitive(text(primitive.getAsString(), MOST_TEXT_BYTES))
        : element;
  }

  /** With percent-encoding of what a name must not have. */
  private static String name(String name) {
    StringBuilder fitting = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '.' || c == '$' || c == '#' || c == ' ' || Character.isISOControl(c)) {
        fitting.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      } else {
        fitting.append(c);
      }
    }
    return fitting.toString();
  }

  private static String text(String text, int mostBytes) {
    if (bytes(text) <= mostBytes) {
      return text;
    }
    StringBuilder fitting = new StringBuilder();
    int bytes = CUT.length();
    for (int i = 0; i < text.length(); ) {
      String next = Character.toString(text.codePointAt(i));
      bytes += bytes(next);
      if (bytes > mostBytes) {
        break;
      }
      fitting.append(next);
      i += next.length();
    }
    return fitting.append(CUT).toString();
  }

  private static int bytes(String text) {
    return text.getBytes(UTF_8).length;
  }
}
