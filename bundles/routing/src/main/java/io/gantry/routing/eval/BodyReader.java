package io.gantry.routing.eval;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.gantry.api.message.Message;
import io.gantry.api.message.SystemProperty;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Collects the values at the asked places of a JSON body in one streaming pass. A body that is not
 * declared as JSON in a known encoding, is not well-formed, is no object, or is nested too deeply
 * is undefined everywhere. Texts stay texts, dates included.
 */
final class BodyReader {

  private static final int MAX_DEPTH = 64;
  private static final String JSON = "application/json";

  private final JsonReader json;
  private final @Nullable Object[] values;

  private BodyReader(Reader text, int slots) {
    json = new JsonReader(text);
    json.setNestingLimit(MAX_DEPTH);
    values = new @Nullable Object[slots];
  }

  static @Nullable Object[] read(Message message, BodyPaths paths) {
    return charset(message, paths.assumeJson())
        .flatMap(charset -> read(message, charset, paths))
        .orElseGet(
            () -> {
              @Nullable Object[] undefined = new @Nullable Object[paths.slots()];
              Arrays.fill(undefined, Absent.UNDEFINED);
              return undefined;
            });
  }

  private static Optional<@Nullable Object[]> read(
      Message message, Charset charset, BodyPaths paths) {
    BodyReader reader = new BodyReader(text(message, charset), paths.slots());
    try {
      if (reader.json.peek() == JsonToken.BEGIN_OBJECT) {
        reader.value(paths.root());
        if (reader.json.peek() == JsonToken.END_DOCUMENT) {
          return Optional.of(reader.values);
        }
      }
    } catch (IOException | IllegalStateException malformed) {
      // Not JSON after all: undefined, as the language says.
    }
    return Optional.empty();
  }

  /** Why the body of a message cannot be looked into; empty when it can. */
  static Optional<String> obstacle(Message message, boolean assumeJson) {
    Optional<Charset> charset = charset(message, assumeJson);
    if (charset.isEmpty()) {
      return Optional.of(
          "$body cannot be read: expected $contentType application/json and $contentEncoding utf-8,"
              + " utf-16 or utf-32, found "
              + found(message, SystemProperty.CONTENT_TYPE)
              + " and "
              + found(message, SystemProperty.CONTENT_ENCODING));
    }
    return read(message, charset.get(), new BodyPaths(assumeJson)).isPresent()
        ? Optional.empty()
        : Optional.of(
            "$body cannot be read: expected a JSON object of at most " + MAX_DEPTH + " levels");
  }

  private static String found(Message message, String name) {
    return message.systemProperty(name).map(value -> "'" + value + "'").orElse("none");
  }

  private static Optional<Charset> charset(Message message, boolean assumeJson) {
    String type =
        message.systemProperty(SystemProperty.CONTENT_TYPE).orElse(assumeJson ? JSON : "");
    if (!JSON.equalsIgnoreCase(type)) {
      return Optional.empty();
    }
    String encoding =
        message
            .systemProperty(SystemProperty.CONTENT_ENCODING)
            .orElse(assumeJson ? "utf-8" : "")
            .toLowerCase(Locale.ROOT);
    return switch (encoding) {
      case "utf-8" -> Optional.of(StandardCharsets.UTF_8);
      case "utf-16" -> Optional.of(StandardCharsets.UTF_16);
      case "utf-32" -> Optional.of(Charset.forName("UTF-32"));
      default -> Optional.empty();
    };
  }

  private static Reader text(Message message, Charset charset) {
    return charset == StandardCharsets.UTF_8
        ? new StringReader(message.body().asText())
        : new InputStreamReader(new ByteArrayInputStream(message.body().toBytes()), charset);
  }

  /** What nobody asks for is checked and passed over, without making anything of it. */
  private void value(BodyPaths.@Nullable Node node) throws IOException {
    if (node == null) {
      json.skipValue();
      return;
    }
    switch (json.peek()) {
      case BEGIN_OBJECT -> object(node);
      case BEGIN_ARRAY -> array(node);
      case STRING -> store(node, json.nextString());
      case NUMBER -> store(node, Double.parseDouble(json.nextString()));
      case BOOLEAN -> store(node, json.nextBoolean());
      case NULL -> {
        json.nextNull();
        store(node, Absent.NULL);
      }
      default -> throw new IOException("no value");
    }
  }

  private void object(BodyPaths.Node node) throws IOException {
    store(node, Absent.UNDEFINED);
    if (node.isLeaf()) {
      json.skipValue();
      return;
    }
    json.beginObject();
    while (json.hasNext()) {
      value(node.child(json.nextName()));
    }
    json.endObject();
  }

  private void array(BodyPaths.Node node) throws IOException {
    store(node, Absent.UNDEFINED);
    if (node.isLeaf()) {
      json.skipValue();
      return;
    }
    json.beginArray();
    for (int index = 0; json.hasNext(); index++) {
      value(node.child(index));
    }
    json.endArray();
  }

  private void store(BodyPaths.Node node, Object value) {
    if (node.slot() >= 0) {
      values[node.slot()] = value;
    }
  }
}
