package io.gantry.console.status;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.Twin;
import java.util.stream.Collectors;

/**
 * What a device says of itself in JSON: its twin, and the answer of its method. A person reads it
 * as it is, set in lines; it must not be able to move the cursor.
 */
public final class TwinJson {

  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().setPrettyPrinting().create();

  private TwinJson() {}

  /** {@code desired} and {@code reported}, each with its {@code $version}. */
  public static String twin(Twin twin) {
    JsonObject json = new JsonObject();
    json.add("desired", part(twin.desired(), twin.desiredVersion()));
    json.add("reported", part(twin.reported(), twin.reportedVersion()));
    return rendered(json);
  }

  private static JsonElement part(String text, long version) {
    JsonElement part = parsed(text);
    if (part instanceof JsonObject object) {
      object.addProperty("$version", version);
    }
    return part;
  }

  /** {@code status} and {@code payload}. */
  public static String answer(MethodResponse response) {
    JsonObject json = new JsonObject();
    json.addProperty("status", response.status());
    json.add("payload", parsed(response.payload()));
    return rendered(json);
  }

  /** The status in the first line, the payload in those that follow. */
  public static String answerText(MethodResponse response) {
    return "status " + response.status() + "\n" + rendered(parsed(response.payload()));
  }

  /** What a text is; one that is no JSON is shown as a text. */
  private static JsonElement parsed(String text) {
    try {
      return JsonParser.parseString(text);
    } catch (JsonParseException e) {
      return new JsonPrimitive(text);
    }
  }

  /** What is escaped stands in texts, and means the same to who parses it. */
  private static String rendered(JsonElement json) {
    return GSON.toJson(json)
        .lines()
        .map(line -> PlainText.escaped(line) + "\n")
        .collect(Collectors.joining());
  }
}
