package io.gantry.itest.framework;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.Twin;
import io.gantry.itest.Await;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.method.MethodCall;
import io.gantry.spi.method.Methods;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.twin.Twins;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The agent as a back end of IoT Edge sees it: the twin and the methods of {@code $edgeAgent}. */
@ExtendWith(InFramework.class)
class AgentClientIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Inject private ClientGateway hub;
  @Inject private Twins twins;
  @Inject private Methods methods;
  @Inject private Deployments agent;

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private ModuleIdentity edgeAgent() {
    return new ModuleIdentity(hub.deviceId(), "$edgeAgent");
  }

  private MethodResponse call(String method, String payload) throws Exception {
    MethodRequest request = new MethodRequest(method, payload.replace('\'', '"'));
    return get(methods.invoke(new MethodCall(edgeAgent(), request, LIMIT, LIMIT)));
  }

  private JsonElement ok(String method, String members) throws Exception {
    MethodResponse response = call(method, "{'schemaVersion':'1.0'," + members + "}");
    assertEquals(200, response.status(), response::payload);
    return JsonParser.parseString(response.payload());
  }

  /** Empty while there is no such twin. */
  private String reported() {
    return twins
        .get(edgeAgent())
        .toCompletableFuture()
        .thenApply(Twin::reported)
        .exceptionally(absent -> "{}")
        .join();
  }

  private static String filter(String reported) {
    JsonObject root = JsonParser.parseString(reported).getAsJsonObject();
    return root.get("modules") instanceof JsonObject modules
            && modules.get("filter") instanceof JsonObject filter
        ? filter.get("runtimeStatus").getAsString()
        : "";
  }

  @Test
  void theTwinHoldsWhatTheAgentReports() {
    Await.until(
        "the report that the filter runs",
        LIMIT,
        () -> filter(reported()).equals("running"),
        this::reported);
    Await.until(
        "equality",
        LIMIT,
        () -> JsonParser.parseString(reported()).equals(JsonParser.parseString(agent.reported())),
        () -> reported() + "\n" + agent.reported());
  }

  @Test
  void theAgentAnswersItsMethods() throws Exception {
    assertEquals(new MethodResponse(200, "null"), call("ping", "null"));
    assertEquals(400, call("explode", "null").status());
    assertEquals(400, call("RestartModule", "{'schemaVersion':'1.0','id':'nobody'}").status());
    // What it has logged is written by another thread.
    Await.until("a line of its log", LIMIT, () -> logs().contains("<"), this::logs);
    assertTrue(logs().matches("\\[\\{\"id\":\"edgeAgent\",\"payload\":\"<\\d> .*"), this::logs);
  }

  private String logs() {
    return answered("GetModuleLogs", "'items':{'id':'^edgeAgent$','filter':{'tail':5}}");
  }

  @Test
  void logsAreUploaded() throws Exception {
    Map<String, String> blobs = new ConcurrentHashMap<>();
    HttpServer store =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    store.createContext(
        "/logs/",
        exchange -> {
          String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          blobs.merge(exchange.getRequestURI().getPath(), body, String::concat);
          exchange.sendResponseHeaders(201, -1);
          exchange.close();
        });
    store.start();
    try {
      String url = "http://127.0.0.1:" + store.getAddress().getPort() + "/logs?sig=secret";
      String members = "'items':{'id':'edgeAgent'},'sasUrl':'" + url + "'";
      String id =
          ok("UploadModuleLogs", members).getAsJsonObject().get("correlationId").getAsString();
      Await.until("the upload", LIMIT, () -> status(id).contains("Completed"), () -> status(id));
      assertEquals(1, blobs.size(), blobs::toString);
      Map.Entry<String, String> blob = blobs.entrySet().iterator().next();
      assertTrue(
          blob.getKey()
              .matches(
                  "/logs/gantry\\.local/gateway/edgeAgent-\\d{4}-\\d\\d-\\d\\d--\\d\\d-\\d\\d-\\d\\d\\.log"),
          blob::getKey);
      assertTrue(blob.getValue().startsWith("<"), blob::getValue);
    } finally {
      store.stop(0);
    }
  }

  private String status(String id) {
    return answered("GetTaskStatus", "'correlationId':'" + id + "'");
  }

  private String answered(String method, String members) {
    try {
      return ok(method, members).toString();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
