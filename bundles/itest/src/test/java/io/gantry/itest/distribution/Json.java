package io.gantry.itest.distribution;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The configuration file {@code conf/gantry.json}, changed for a test. */
final class Json {

  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().serializeNulls().create();

  private final Path file;
  private final JsonObject root;

  private Json(Path file, JsonObject root) {
    this.file = file;
    this.root = root;
  }

  static Json read(Path file) throws IOException {
    return new Json(file, GSON.fromJson(Files.readString(file), JsonObject.class));
  }

  /** The PIDs that are configured. */
  List<String> pids() {
    return root.keySet().stream().filter(key -> !key.startsWith(":")).toList();
  }

  /** The keys of a PID, each as it stands in the file: with its type behind a colon, if any. */
  List<String> keys(String pid) {
    return List.copyOf(root.getAsJsonObject(pid).keySet());
  }

  /** The value of a key that is a number. */
  int number(String pid, String key) {
    return root.getAsJsonObject(pid).get(key).getAsInt();
  }

  /** Sets one value, whatever type the file gave it before. */
  void set(String pid, String key, Object value) throws IOException {
    if (!root.has(pid)) {
      root.add(pid, new JsonObject());
    }
    String typed = key;
    for (String present : keys(pid)) {
      if (name(present).equals(name(key))) {
        root.getAsJsonObject(pid).remove(present);
        typed = key.contains(":") ? key : present;
      }
    }
    root.getAsJsonObject(pid).add(typed, GSON.toJsonTree(value));
    Files.writeString(file, GSON.toJson(root));
  }

  /** A key without its type. */
  static String name(String key) {
    int colon = key.indexOf(':');
    return colon < 0 ? key : key.substring(0, colon);
  }
}
