package io.gantry.console.status;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.DryRun.ModuleChange;
import io.gantry.spi.deployment.DryRun.RouteChange;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Download;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Deployments in JSON, for programs. */
public final class DeploymentJson {

  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().setPrettyPrinting().create();

  private DeploymentJson() {}

  /** What a deployment would do. */
  public static String dryRun(DryRun run) {
    JsonObject json = new JsonObject();
    json.addProperty("code", run.code());
    json.addProperty("possible", run.code() == 200);
    json.addProperty("changes", DryRunText.changes(run));
    json.add("errors", strings(run.errors()));
    json.add("warnings", strings(run.warnings()));
    JsonArray downloads = new JsonArray();
    run.downloads().forEach(download -> downloads.add(download(download)));
    json.add("downloads", downloads);
    JsonArray modules = new JsonArray();
    run.modules().forEach(module -> modules.add(module(module)));
    json.add("modules", modules);
    JsonArray routes = new JsonArray();
    run.routes().forEach(route -> routes.add(route(route)));
    json.add("routes", routes);
    json.add("settings", strings(run.settings()));
    return GSON.toJson(json) + "\n";
  }

  private static JsonObject download(Download download) {
    JsonObject json = new JsonObject();
    json.addProperty("symbolicName", download.symbolicName());
    json.addProperty("version", download.version());
    json.addProperty("repository", download.repository());
    json.addProperty("bytes", download.bytes() < 0 ? null : download.bytes());
    return json;
  }

  private static JsonObject module(ModuleChange module) {
    JsonObject json = new JsonObject();
    json.addProperty("name", module.name());
    json.addProperty("change", DryRunText.word(module.change()));
    json.addProperty("from", module.from().orElse(null));
    json.addProperty("to", module.to().orElse(null));
    json.add("reasons", strings(module.reasons()));
    JsonArray disturbances = new JsonArray();
    for (Disturbance disturbance : module.disturbances()) {
      JsonObject one = new JsonObject();
      one.addProperty("module", disturbance.module());
      one.addProperty("effect", disturbance.effect().name().toLowerCase(Locale.ROOT));
      one.add("chain", strings(disturbance.chain()));
      disturbances.add(one);
    }
    json.add("disturbances", disturbances);
    return json;
  }

  private static JsonObject route(RouteChange route) {
    JsonObject json = new JsonObject();
    json.addProperty("name", route.name());
    json.addProperty("before", route.before().orElse(null));
    json.addProperty("after", route.after().orElse(null));
    return json;
  }

  /** Those that are remembered. */
  public static String history(List<DeploymentRecord> records) {
    JsonArray array = new JsonArray();
    records.forEach(record -> array.add(record(record)));
    return GSON.toJson(array) + "\n";
  }

  /** For the status: which one is in force, which one is under way, which one was refused last. */
  static JsonObject summary(DeploymentFacts facts) {
    JsonObject json = new JsonObject();
    json.add("inForce", optional(facts.inForce()));
    json.add("pending", optional(facts.pending()));
    json.add("lastRefused", optional(facts.lastRefused()));
    return json;
  }

  private static JsonElement optional(Optional<DeploymentRecord> record) {
    return record.<JsonElement>map(DeploymentJson::record).orElse(JsonNull.INSTANCE);
  }

  private static JsonObject record(DeploymentRecord record) {
    JsonObject json = new JsonObject();
    json.addProperty("number", record.number());
    json.addProperty("state", record.state().name().toLowerCase(Locale.ROOT));
    json.addProperty("origin", record.origin());
    json.addProperty("takenAt", record.takenAt().toString());
    json.addProperty("endedAt", record.endedAt().map(Object::toString).orElse(null));
    json.addProperty("description", record.description());
    JsonObject modules = new JsonObject();
    record.modules().forEach(modules::addProperty);
    json.add("modules", modules);
    return json;
  }

  private static JsonArray strings(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
