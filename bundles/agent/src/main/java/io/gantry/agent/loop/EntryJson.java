package io.gantry.agent.loop;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.agent.loop.Entry.Ending;
import io.gantry.agent.loop.Entry.Former;
import io.gantry.agent.loop.Entry.Prepared;
import io.gantry.spi.deployment.DeploymentRecord.State;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The form in which the journal keeps an entry. */
final class EntryJson {

  private EntryJson() {}

  static byte[] write(Entry entry) {
    JsonObject json = new JsonObject();
    json.addProperty("number", entry.number());
    json.addProperty("origin", entry.origin());
    json.addProperty("takenAt", entry.takenAt().toString());
    entry.manifest().ifPresent(text -> json.addProperty("manifest", text));
    JsonObject prepared = new JsonObject();
    entry.prepared().forEach((module, found) -> prepared.add(module, write(found)));
    json.add("prepared", prepared);
    entry
        .former()
        .ifPresent(
            former -> {
              JsonObject one = new JsonObject();
              one.addProperty("number", former.number());
              one.addProperty("state", word(former.state()));
              one.addProperty("why", former.why());
              json.add("former", one);
            });
    entry
        .ending()
        .ifPresent(
            ending -> {
              json.addProperty("state", word(ending.state()));
              json.addProperty("endedAt", ending.at().toString());
              json.addProperty("description", ending.description());
            });
    return json.toString().getBytes(UTF_8);
  }

  private static String word(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static State state(String word) {
    return State.valueOf(word.toUpperCase(Locale.ROOT));
  }

  private static JsonObject write(Prepared found) {
    JsonObject json = new JsonObject();
    json.addProperty("version", found.version());
    json.addProperty("sha256", found.sha256());
    JsonArray shared = new JsonArray();
    for (SharedBundle bundle : found.shared()) {
      JsonObject one = new JsonObject();
      one.addProperty("symbolicName", bundle.symbolicName());
      one.addProperty("version", bundle.version());
      one.addProperty("sha256", bundle.sha256());
      shared.add(one);
    }
    json.add("shared", shared);
    JsonArray singletons = new JsonArray();
    new TreeSet<>(found.singletons()).forEach(singletons::add);
    json.add("singletons", singletons);
    return json;
  }

  /**
   * Reads what {@link #write} has written.
   *
   * @throws RuntimeException when it is something else
   */
  static Entry read(byte[] bytes) {
    JsonObject json = JsonParser.parseString(new String(bytes, UTF_8)).getAsJsonObject();
    SortedMap<String, Prepared> prepared = new TreeMap<>();
    for (Map.Entry<String, JsonElement> module : json.getAsJsonObject("prepared").entrySet()) {
      prepared.put(module.getKey(), prepared(module.getValue().getAsJsonObject()));
    }
    return new Entry(
        json.get("number").getAsLong(),
        json.get("origin").getAsString(),
        Instant.parse(json.get("takenAt").getAsString()),
        Optional.ofNullable(json.get("manifest")).map(JsonElement::getAsString),
        prepared,
        Optional.ofNullable(json.getAsJsonObject("former")).map(EntryJson::former),
        Optional.ofNullable(json.get("state")).map(state -> ending(state.getAsString(), json)));
  }

  private static Former former(JsonObject json) {
    return new Former(
        json.get("number").getAsLong(),
        state(json.get("state").getAsString()),
        json.get("why").getAsString());
  }

  private static Ending ending(String state, JsonObject json) {
    return new Ending(
        state(state),
        Instant.parse(json.get("endedAt").getAsString()),
        json.get("description").getAsString());
  }

  private static Prepared prepared(JsonObject json) {
    List<SharedBundle> shared = new ArrayList<>();
    for (JsonElement element : json.getAsJsonArray("shared")) {
      JsonObject bundle = element.getAsJsonObject();
      shared.add(
          new SharedBundle(
              bundle.get("symbolicName").getAsString(),
              bundle.get("version").getAsString(),
              bundle.get("sha256").getAsString()));
    }
    Set<String> singletons = new HashSet<>();
    if (json.has("singletons")) {
      json.getAsJsonArray("singletons").forEach(name -> singletons.add(name.getAsString()));
    }
    return new Prepared(
        json.get("version").getAsString(),
        json.get("sha256").getAsString(),
        List.copyOf(shared),
        Set.copyOf(singletons));
  }
}
