package io.gantry.console.status;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteExplanation;
import io.gantry.spi.routing.RouteHistory;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.Listener;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.StoreStatus;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The gateway in JSON, for programs. What is missing is {@code null} and named in {@code missing}.
 */
public final class StatusJson {

  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().setPrettyPrinting().create();

  private StatusJson() {}

  /** Everything. */
  public static String status(Gateway gateway, ProcessFacts process, Map<String, String> own) {
    Readiness readiness = Readiness.of(gateway, process.now());
    JsonObject json = new JsonObject();
    json.add("gantry", process(gateway, process));
    JsonObject endpoints = strings(readiness.endpoints());
    own.forEach(endpoints::addProperty);
    json.add("endpoints", endpoints);
    json.addProperty("ready", readiness.ready());
    json.add("waiting", strings(readiness.waiting()));
    JsonArray problems = strings(readiness.problems());
    problems.addAll(strings(readiness.warnings()));
    json.add("problems", problems);
    json.add("missing", strings(Missing.of(gateway)));
    json.add("listeners", listeners(gateway.listeners()));
    json.add(
        "agent", gateway.deployments().map(d -> parsed(d.reported())).orElse(JsonNull.INSTANCE));
    json.add(
        "modules", gateway.deployments().map(d -> modules(d.modules())).orElse(new JsonArray()));
    json.add(
        "deployments",
        gateway.deployments().isEmpty()
            ? JsonNull.INSTANCE
            : DeploymentJson.summary(DeploymentFacts.of(gateway)));
    json.add(
        "dropInProblems",
        gateway.dropIns().<JsonElement>map(d -> strings(d.problems())).orElse(JsonNull.INSTANCE));
    json.add("routes", routes(gateway));
    json.add("queues", queues(gateway));
    json.add("store", store(gateway.store().map(QueueStore::status)));
    json.add("drops", drops(gateway));
    json.add("identities", identities(gateway.identities()));
    json.add("certificate", certificate(gateway.certificates()));
    json.add("memory", memory(process));
    return GSON.toJson(json) + "\n";
  }

  private static JsonObject process(Gateway gateway, ProcessFacts process) {
    JsonObject json = new JsonObject();
    json.addProperty("version", process.version());
    json.addProperty("javaVersion", process.javaVersion());
    json.addProperty("pid", process.pid());
    json.addProperty("uptimeSeconds", process.uptime().toSeconds());
    json.addProperty("deviceId", gateway.hub().map(ClientGateway::deviceId).orElse(null));
    return json;
  }

  /** The modules alone. */
  public static String modules(Gateway gateway) {
    List<ModuleReport> modules = gateway.deployments().map(d -> d.modules()).orElse(List.of());
    return GSON.toJson(modules(modules)) + "\n";
  }

  private static JsonArray modules(List<ModuleReport> modules) {
    JsonArray array = new JsonArray();
    for (ModuleReport module : modules) {
      JsonObject json = new JsonObject();
      json.addProperty("name", module.name());
      json.addProperty("status", module.status());
      json.addProperty("description", module.description());
      json.addProperty("version", module.version().orElse(null));
      json.addProperty("since", module.since().map(Object::toString).orElse(null));
      json.addProperty("restarts", module.restarts());
      json.addProperty("lastError", module.lastError().orElse(null));
      json.addProperty("image", module.image());
      array.add(json);
    }
    return array;
  }

  private static JsonArray listeners(List<Listener> listeners) {
    JsonArray array = new JsonArray();
    for (Listener listener : listeners) {
      JsonObject json = new JsonObject();
      json.addProperty("protocol", listener.protocol());
      json.addProperty("endpoint", listener.endpoint().orElse(null));
      json.addProperty("problem", listener.problem().orElse(null));
      json.addProperty("connections", listener.connections());
      array.add(json);
    }
    return array;
  }

  private static JsonArray routes(Gateway gateway) {
    JsonArray array = new JsonArray();
    gateway
        .routes()
        .ifPresent(
            table ->
                table
                    .routes()
                    .forEach(
                        route -> {
                          JsonObject json = new JsonObject();
                          json.addProperty("name", route.name());
                          json.addProperty("route", route.text());
                          if (route.priority() != RouteDefinition.NO_PRIORITY) {
                            json.addProperty("priority", route.priority());
                          }
                          route
                              .timeToLive()
                              .ifPresent(
                                  life -> json.addProperty("timeToLiveSecs", life.toSeconds()));
                          json.addProperty("durability", route.durable() ? "disk" : "memory");
                          array.add(json);
                        }));
    return array;
  }

  private static JsonArray queues(Gateway gateway) {
    JsonArray array = new JsonArray();
    for (EndpointStatus queue : gateway.routes().map(t -> t.endpoints()).orElse(List.of())) {
      JsonObject json = new JsonObject();
      json.addProperty("address", queue.address());
      json.addProperty("state", queue.state());
      json.addProperty("pending", queue.pending());
      json.addProperty("pendingBytes", queue.pendingBytes());
      json.addProperty("delivered", queue.delivered());
      json.addProperty("lastProblem", queue.lastProblem());
      array.add(json);
    }
    return array;
  }

  private static JsonElement store(Optional<StoreStatus> status) {
    if (status.isEmpty()) {
      return JsonNull.INSTANCE;
    }
    JsonObject json = new JsonObject();
    json.addProperty("bytes", status.get().bytes());
    json.addProperty("maxBytes", status.get().maxBytes());
    json.addProperty("segments", status.get().segments());
    json.addProperty("appended", status.get().appended());
    json.addProperty("damagedRecords", status.get().damagedRecords());
    json.add("warnings", strings(status.get().warnings()));
    json.addProperty("problem", status.get().problem().orElse(null));
    return json;
  }

  private static JsonElement drops(Gateway gateway) {
    JsonObject json = new JsonObject();
    gateway
        .drops()
        .ifPresent(
            drops ->
                drops.counts().forEach((reason, count) -> json.addProperty(reason.label(), count)));
    return json;
  }

  private static JsonElement identities(Optional<IdentityRegistry> registry) {
    if (registry.isEmpty()) {
      return JsonNull.INSTANCE;
    }
    IdentityFacts.Count count = IdentityFacts.Count.of(registry.get());
    JsonObject json = new JsonObject();
    json.addProperty("enabled", count.enabled());
    json.addProperty("disabled", count.disabled());
    return json;
  }

  private static JsonElement certificate(Optional<Certificates> present) {
    if (present.isEmpty()) {
      return JsonNull.INSTANCE;
    }
    Certificates certificates = present.get();
    JsonObject json = new JsonObject();
    json.addProperty("hostName", certificates.hostName());
    json.addProperty(
        "notAfter", CertificateFacts.end(certificates).map(Object::toString).orElse(null));
    return json;
  }

  private static JsonObject memory(ProcessFacts process) {
    JsonObject json = new JsonObject();
    json.addProperty("heapUsed", process.heapUsed());
    json.addProperty("heapMax", process.heapMax());
    process
        .resident()
        .ifPresentOrElse(
            bytes -> json.addProperty("rss", bytes), () -> json.add("rss", JsonNull.INSTANCE));
    return json;
  }

  /** Whether the gateway is ready. */
  public static String readiness(Readiness readiness) {
    JsonObject json = new JsonObject();
    json.addProperty("ready", readiness.ready());
    json.add("endpoints", strings(readiness.endpoints()));
    json.add("waiting", strings(readiness.waiting()));
    json.add("problems", strings(readiness.problems()));
    json.add("warnings", strings(readiness.warnings()));
    return GSON.toJson(json) + "\n";
  }

  /** What became of a deployment. */
  public static String deployed(DeployResult result) {
    JsonObject json = new JsonObject();
    json.addProperty("code", result.code());
    json.addProperty("accepted", result.accepted());
    json.addProperty("version", result.version());
    json.add("errors", strings(result.errors()));
    json.add("warnings", strings(result.warnings()));
    return GSON.toJson(json) + "\n";
  }

  /** Why a route fires or does not. */
  public static String explained(String route, RouteExplanation explanation) {
    JsonObject json = new JsonObject();
    json.addProperty("route", route);
    json.addProperty("fires", explanation.fires());
    json.add("reasons", strings(explanation.reasons()));
    return GSON.toJson(json) + "\n";
  }

  /** The same of the last messages that passed. */
  public static String explained(String route, List<RouteHistory> histories) {
    JsonArray messages = new JsonArray();
    for (RouteHistory history : histories) {
      JsonObject message = new JsonObject();
      message.addProperty("time", history.time().toString());
      message.addProperty("sender", history.sender());
      message.addProperty("source", history.source());
      message.addProperty("fires", history.explanation().fires());
      message.add("reasons", strings(history.explanation().reasons()));
      messages.add(message);
    }
    JsonObject json = new JsonObject();
    json.addProperty("route", route);
    json.add("messages", messages);
    return GSON.toJson(json) + "\n";
  }

  /** Which Gantry this is. */
  public static String version(ProcessFacts process) {
    JsonObject json = new JsonObject();
    json.addProperty("version", process.version());
    json.addProperty("javaVersion", process.javaVersion());
    json.addProperty("pid", process.pid());
    return GSON.toJson(json) + "\n";
  }

  /** What the reported document is; a text that is no JSON is shown as text. */
  private static JsonElement parsed(String json) {
    try {
      return JsonParser.parseString(json);
    } catch (JsonParseException e) {
      return new JsonPrimitive(json);
    }
  }

  private static JsonArray strings(Collection<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }

  private static JsonObject strings(Map<String, String> texts) {
    JsonObject object = new JsonObject();
    texts.forEach(object::addProperty);
    return object;
  }
}
