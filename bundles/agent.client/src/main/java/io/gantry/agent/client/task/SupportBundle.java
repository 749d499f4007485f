package io.gantry.agent.client.task;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.agent.client.log.LogForm;
import io.gantry.agent.client.log.LogWriter;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.spi.log.LogQuery;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * What somebody needs who is to find out from afar what is wrong: logs, the state of all modules,
 * what was deployed when. Nothing in it is more than these show anyway, so no secret is.
 */
public final class SupportBundle {

  private final Deployments agent;
  private final LogWriter logs;
  private final SortedMap<String, LogQuery> wanted;
  private final Instant time;

  /**
   * @param wanted which lines of which modules
   * @param time of what is in it
   */
  public SupportBundle(
      Deployments agent, LogWriter logs, SortedMap<String, LogQuery> wanted, Instant time) {
    this.agent = agent;
    this.logs = logs;
    this.wanted = wanted;
    this.time = time;
  }

  /** Writes the archive; does not close what it writes to. */
  public void writeTo(OutputStream out) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    JsonObject reported = JsonParser.parseString(agent.reported()).getAsJsonObject();
    json(zip, "reported.json", reported);
    json(zip, "version.json", Optional.ofNullable(reported.get("version")).orElse(reported));
    json(zip, "history.json", history());
    json(zip, "modules.json", modules());
    for (Map.Entry<String, LogQuery> log : wanted.entrySet()) {
      begin(zip, "logs/" + log.getKey().replace('/', '_') + ".log");
      logs.write(log.getKey(), log.getValue(), LogForm.TEXT, zip);
      zip.closeEntry();
    }
    zip.finish();
  }

  private void begin(ZipOutputStream zip, String name) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(time.toEpochMilli());
    zip.putNextEntry(entry);
  }

  private void json(ZipOutputStream zip, String name, JsonElement json) throws IOException {
    begin(zip, name);
    String text =
        new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(json) + "\n";
    zip.write(text.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }

  private JsonArray history() {
    JsonArray history = new JsonArray();
    for (DeploymentRecord record : agent.history()) {
      JsonObject json = new JsonObject();
      json.addProperty("number", record.number());
      json.addProperty("state", record.state().name().toLowerCase(Locale.ROOT));
      json.addProperty("origin", record.origin());
      json.addProperty("takenAt", record.takenAt().toString());
      record.endedAt().ifPresent(ended -> json.addProperty("endedAt", ended.toString()));
      json.addProperty("description", record.description());
      JsonObject modules = new JsonObject();
      record.modules().forEach(modules::addProperty);
      json.add("modules", modules);
      history.add(json);
    }
    return history;
  }

  private JsonArray modules() {
    JsonArray modules = new JsonArray();
    for (ModuleReport module : agent.modules()) {
      JsonObject json = new JsonObject();
      json.addProperty("name", module.name());
      json.addProperty("status", module.status());
      module.version().ifPresent(version -> json.addProperty("version", version));
      module.since().ifPresent(since -> json.addProperty("since", since.toString()));
      json.addProperty("restarts", module.restarts());
      module.lastError().ifPresent(error -> json.addProperty("lastError", error));
      json.addProperty("image", module.image());
      json.addProperty("description", module.description());
      modules.add(json);
    }
    return modules;
  }
}
