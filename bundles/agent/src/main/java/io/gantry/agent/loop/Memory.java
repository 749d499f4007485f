package io.gantry.agent.loop;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.gantry.agent.restart.RestartHistory;
import io.gantry.agent.run.ModuleTrack;
import io.gantry.spi.store.Table;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What outlives the process beside the {@link Journal}: of each module its restarts, and whether
 * the last stop was in order. Used by the agent's executor only.
 */
final class Memory {

  private static final Logger LOG = LoggerFactory.getLogger(Memory.class);
  private static final String ORDERLY_STOP = "orderly-stop";
  private static final String DROP_INS = "drop-ins";
  private static final String MODULE = "module:";

  private final Table table;
  private final Notes notes;

  // what was written last, so that flash is not worn by writing the same again
  private final Map<String, String> written = new HashMap<>();

  Memory(Table table) {
    this.table = table;
    this.notes = new Notes(table);
  }

  /** The names of the modules that were dropped in; empty when none ever was. */
  Set<String> recallDropIns() {
    return table
        .get(DROP_INS)
        .map(bytes -> Set.of(new String(bytes, UTF_8).split("\n")))
        .orElse(Set.of());
  }

  /** Writes them when they have changed. */
  void rememberDropIns(Set<String> names) {
    write(
        "remember what was dropped in",
        DROP_INS,
        Optional.of(String.join("\n", new TreeSet<>(names))).filter(text -> !text.isEmpty()));
  }

  /** Whether the last stop was in order; the answer is given once. */
  boolean takeOrderlyStop() {
    boolean orderly = table.get(ORDERLY_STOP).isPresent();
    if (orderly) {
      notes.note("forget the orderly stop", ORDERLY_STOP, Optional.empty());
    }
    return orderly;
  }

  CompletionStage<Void> noteOrderlyStop() {
    return notes.note("note the orderly stop", ORDERLY_STOP, Optional.of(bytes("true")));
  }

  /**
   * What is known of a module.
   *
   * @param history its restarts
   * @param lastRestart why it was last started again
   */
  record Past(RestartHistory history, Optional<String> lastRestart) {

    /** Of a module that is new, or of which nothing counts any more. */
    static final Past NONE = new Past(RestartHistory.NONE, Optional.empty());
  }

  /** What is known of a module; nothing when it is new or the record cannot be read. */
  Past recall(String module) {
    try {
      return read(MODULE + module).map(Memory::remembered).orElse(Past.NONE);
    } catch (JsonParseException | IllegalStateException | DateTimeException e) {
      LOG.warn("the record of module {} cannot be read; it begins with a clean one", module, e);
      return Past.NONE;
    }
  }

  /** Writes what has changed. */
  void remember(ModuleTrack track) {
    String key = MODULE + track.name();
    String text = text(track);
    if (!text.equals(written.put(key, text))) {
      write("remember module " + track.name(), key, Optional.of(text));
    }
  }

  /** The module is no more. */
  void forget(String module) {
    written.remove(MODULE + module);
    write("forget module " + module, MODULE + module, Optional.empty());
  }

  private void write(String what, String key, Optional<String> text) {
    Optional<byte[]> value = text.map(Memory::bytes);
    if (!notes.isKept(key, value)) {
      notes.note(what, key, value);
    }
  }

  /** What could not be written is written once more. */
  void tryAgain() {
    notes.tryAgain();
  }

  /** Only these modules are of interest. */
  void forgetOthers(Set<String> modules) {
    for (String key : table.keys()) {
      if (key.startsWith(MODULE) && !modules.contains(key.substring(MODULE.length()))) {
        forget(key.substring(MODULE.length()));
      }
    }
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
    track.lastRestart().ifPresent(reason -> json.addProperty("reason", reason));
    return json.toString();
  }

  private static Past remembered(JsonObject json) {
    Optional<Instant> lastRestart =
        Optional.ofNullable(json.get("lastRestart")).map(text -> Instant.parse(text.getAsString()));
    RestartHistory history =
        new RestartHistory(
            json.get("restarts").getAsInt(), lastRestart, Optional.empty(), Optional.empty());
    return new Past(history, Optional.ofNullable(json.get("reason")).map(JsonElement::getAsString));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
