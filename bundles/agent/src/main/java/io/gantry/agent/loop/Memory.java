package io.gantry.agent.loop;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.gantry.agent.restart.RestartHistory;
import io.gantry.agent.run.ModuleTrack;
import io.gantry.agent.run.Origin;
import io.gantry.spi.store.Table;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What outlives the process: the last good manifest with its number in one value, so that they
 * cannot part; of each module its restarts and the declaration it was installed for; and whether
 * the last stop was in order. Used by the agent's executor only.
 */
final class Memory {

  /** The last good manifest. */
  record Kept(long number, String manifest) {}

  /** What is known of a module from before. */
  record Remembered(RestartHistory history, Optional<Origin> origin) {}

  private static final Logger LOG = LoggerFactory.getLogger(Memory.class);
  private static final String MANIFEST = "manifest";
  private static final String ORDERLY_STOP = "orderly-stop";
  private static final String MODULE = "module:";

  private final Table table;

  // what was written last, so that flash is not worn by writing the same again
  private final Map<String, String> written = new HashMap<>();

  Memory(Table table) {
    this.table = table;
  }

  Optional<Kept> manifest() {
    return read(MANIFEST)
        .map(json -> new Kept(json.get("number").getAsLong(), json.get("manifest").getAsString()));
  }

  CompletionStage<Void> keep(Kept kept) {
    JsonObject json = new JsonObject();
    json.addProperty("number", kept.number());
    json.addProperty("manifest", kept.manifest());
    return table.put(MANIFEST, bytes(json.toString()));
  }

  /** Whether the last stop was in order; the answer is given once. */
  boolean takeOrderlyStop() {
    boolean orderly = table.get(ORDERLY_STOP).isPresent();
    if (orderly) {
      report("forget the orderly stop", table.remove(ORDERLY_STOP));
    }
    return orderly;
  }

  CompletionStage<Void> noteOrderlyStop() {
    CompletionStage<Void> noted = table.put(ORDERLY_STOP, bytes("true"));
    report("note the orderly stop", noted);
    return noted;
  }

  /** What is known of a module; nothing when it is new or the record cannot be read. */
  Remembered recall(String module) {
    try {
      return read(MODULE + module)
          .map(Memory::remembered)
          .orElse(new Remembered(RestartHistory.NONE, Optional.empty()));
    } catch (JsonParseException | IllegalStateException | DateTimeException e) {
      LOG.warn("the record of module {} cannot be read; it begins with a clean one", module, e);
      return new Remembered(RestartHistory.NONE, Optional.empty());
    }
  }

  /** Writes what has changed. */
  void remember(ModuleTrack track) {
    String key = MODULE + track.name();
    String text = text(track);
    if (text.equals(written.put(key, text))) {
      return;
    }
    if (table.get(key).map(bytes -> new String(bytes, UTF_8)).filter(text::equals).isEmpty()) {
      report("remember module " + track.name(), table.put(key, bytes(text)));
    }
  }

  /** The module is no more. */
  void forget(String module) {
    written.remove(MODULE + module);
    if (table.get(MODULE + module).isPresent()) {
      report("forget module " + module, table.remove(MODULE + module));
    }
  }

  /** Only these modules are of interest. */
  void forgetOthers(Set<String> modules) {
    for (String key : table.keys()) {
      if (key.startsWith(MODULE) && !modules.contains(key.substring(MODULE.length()))) {
        forget(key.substring(MODULE.length()));
      }
    }
  }

  private static void report(String what, CompletionStage<Void> write) {
    write.whenComplete(
        (done, failure) -> {
          if (failure != null) {
            LOG.warn("AGENT-09 cannot {}; after a restart the former record counts", what, failure);
          }
        });
  }

  private Optional<JsonObject> read(String key) {
    return table
        .get(key)
        .map(bytes -> JsonParser.parseString(new String(bytes, UTF_8)).getAsJsonObject());
  }

  private static String text(ModuleTrack track) {
    JsonObject json = new JsonObject();
    json.addProperty("restarts", track.history().restarts());
    track
        .history()
        .lastRestart()
        .ifPresent(instant -> json.addProperty("lastRestart", instant.toString()));
    track.origin().ifPresent(origin -> json.add("origin", json(origin)));
    return json.toString();
  }

  private static JsonObject json(Origin origin) {
    JsonObject json = new JsonObject();
    json.addProperty("image", origin.image());
    json.addProperty("version", origin.version());
    return json;
  }

  private static Remembered remembered(JsonObject json) {
    Optional<Instant> lastRestart =
        Optional.ofNullable(json.get("lastRestart")).map(text -> Instant.parse(text.getAsString()));
    RestartHistory history =
        new RestartHistory(
            json.get("restarts").getAsInt(), lastRestart, Optional.empty(), Optional.empty());
    return new Remembered(
        history,
        Optional.ofNullable(json.get("origin"))
            .map(JsonElement::getAsJsonObject)
            .map(Memory::origin));
  }

  private static Origin origin(JsonObject json) {
    return new Origin(json.get("image").getAsString(), json.get("version").getAsString());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
