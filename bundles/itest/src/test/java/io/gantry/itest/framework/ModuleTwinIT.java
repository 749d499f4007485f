package io.gantry.itest.framework;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.Twin;
import io.gantry.itest.Await;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.method.MethodCall;
import io.gantry.spi.method.Methods;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.twin.Twins;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Twins and direct methods of the modules of the sample deployment, from the back end's side. */
@ExtendWith(InFramework.class)
class ModuleTwinIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Inject private ClientGateway hub;
  @Inject private Twins twins;
  @Inject private Methods methods;

  private Identity filter;
  private Identity sensor;

  @BeforeEach
  void names() {
    filter = new ModuleIdentity(hub.deviceId(), "filter");
    sensor = new ModuleIdentity(hub.deviceId(), "sensor");
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  /** What is desired of a module reaches it while it runs, and what it reports is there to read. */
  @Test
  void theFilterFollowsItsTwinAndReports() throws Exception {
    awaitIdentity(filter);
    get(twins.updateDesired(filter, "{\"TemperatureThreshold\":26.5}"));
    awaitReported("\"TemperatureThreshold\":26.5");
    get(twins.updateDesired(filter, "{\"TemperatureThreshold\":null}"));
    Await.until(
        "the report of nothing",
        LIMIT,
        () -> !reported(filter).contains("TemperatureThreshold"),
        () -> reported(filter));
  }

  private void awaitReported(String part) {
    Await.until("the report", LIMIT, () -> reported(filter).contains(part), () -> reported(filter));
  }

  private void awaitIdentity(Identity module) {
    Await.until("the identity of " + module, LIMIT, () -> !reported(module).isEmpty());
  }

  /** Empty while there is no such twin. */
  private String reported(Identity module) {
    CompletableFuture<Twin> twin = twins.get(module).toCompletableFuture();
    return twin.thenApply(Twin::reported).exceptionally(absent -> "").join();
  }

  @Test
  void theSensorAnswersItsMethodAndNoOther() throws Exception {
    awaitIdentity(sensor);
    assertEquals(new MethodResponse(200, "null"), call("reset"));
    assertEquals(200, call("RESET").status());
    assertEquals(501, call("explode").status());
  }

  private MethodResponse call(String method) throws Exception {
    MethodRequest request = new MethodRequest(method, "null");
    return get(methods.invoke(new MethodCall(sensor, request, LIMIT, LIMIT)));
  }
}
