package io.gantry.module.client.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.ModuleClient;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.SendException;
import io.gantry.api.module.Twin;
import io.gantry.module.client.connection.FakeHub;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.method.ModuleCalls;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.module.client.whiteboard.TestModules;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.method.MethodCall;
import io.gantry.spi.method.Methods;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

class ModuleClientsTest {

  private static final MethodRequest RESET = new MethodRequest("reset", "null");
  private static final Duration TIMEOUT = Duration.ofSeconds(7);

  @TempDir Path folder;

  private final FakeHub hub = new FakeHub();
  private final ManualTime time = new ManualTime();
  private @Nullable FakeHub present = hub;
  private final ModuleConnections connections =
      new ModuleConnections(() -> present, new ManualThreads(), time, time);
  private final List<MethodCall> calls = new ArrayList<>();
  private @Nullable Methods methods =
      call -> {
        calls.add(call);
        return CompletableFuture.completedFuture(new MethodResponse(200, "1"));
      };
  private TestModules modules;

  @BeforeEach
  void start() throws Exception {
    modules = new TestModules(folder);
    modules
        .context()
        .registerService(
            ModuleClient.class,
            new ModuleClients(
                folder.resolve("storage"),
                connections,
                new ModuleCalls(() -> methods),
                new Traffic(Duration.ZERO, new ManualThreads(), time)),
            null);
  }

  @AfterEach
  void stop() throws Exception {
    modules.close();
  }

  private static @Nullable ModuleClient client(Bundle bundle) {
    BundleContext context = bundle.getBundleContext();
    return context.getService(context.getServiceReference(ModuleClient.class));
  }

  private ModuleClient filter() throws Exception {
    return client(modules.module("filter", 1));
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static RequestException refusal(CompletionStage<?> stage) {
    CompletionException failure = assertThrows(CompletionException.class, () -> join(stage));
    return assertInstanceOf(RequestException.class, failure.getCause());
  }

  @Test
  void aModuleGetsAClientThatSpeaksAsItAndAnotherBundleNone() throws Exception {
    ModuleClient client = filter();
    assertEquals("filter", client.moduleId());
    assertEquals(folder.resolve("storage").resolve("filter"), client.storage());
    assertTrue(Files.isDirectory(client.storage()));
    join(client.send("output1", Message.json("{}")));
    assertEquals(List.of("gateway/filter"), hub.newEvents());
    assertNull(client(modules.stranger()));
  }

  @Test
  void aModuleReadsItsTwinAndReportsOverItsConnection() throws Exception {
    Twin twin = new Twin("{\"a\":1}", 2, "{}", 1);
    hub.twin = CompletableFuture.completedFuture(twin);
    ModuleClient client = filter();
    assertEquals(twin, join(client.twin()));
    assertEquals(2, join(client.report("{\"b\":2}")));
    assertEquals(List.of("{\"b\":2}"), hub.reports);
    assertEquals(List.of("gateway/filter"), hub.newEvents());
  }

  @Test
  void whatTheHubRefusesIsSeenAsItIs() throws Exception {
    RequestException limit = new RequestException(400, "too deep");
    hub.twin = CompletableFuture.<Twin>failedFuture(limit).thenApply(twin -> twin);
    assertEquals(limit, refusal(filter().twin()));
  }

  @Test
  void withoutAHubWhatIsAskedIsNotThereNow() throws Exception {
    ModuleClient client = filter();
    hub.refusal = new ConnectionRefusedException("not yet", true);
    assertEquals(503, refusal(client.report("{}")).status());
    assertEquals("Reading the twin of module filter: not yet", refusal(client.twin()).getMessage());
    present = null;
    methods = null;
    assertEquals(503, refusal(client.twin()).status());
    RequestException refusal = refusal(client.invoke("thermo1", RESET, TIMEOUT));
    assertEquals(503, refusal.status());
    assertEquals("Calling reset of thermo1: the hub is not there", refusal.getMessage());
  }

  @Test
  void aHubThatFailsIsNotThereEither() throws Exception {
    hub.twin = CompletableFuture.failedFuture(new IllegalStateException("a bug"));
    methods =
        call -> {
          throw new IllegalStateException("another");
        };
    ModuleClient client = filter();
    assertEquals(503, refusal(client.twin()).status());
    assertEquals(503, refusal(client.invoke("thermo1", RESET, TIMEOUT)).status());
  }

  @Test
  void aModuleCallsDevicesAndModules() throws Exception {
    ModuleClient client = filter();
    assertEquals(new MethodResponse(200, "1"), join(client.invoke("thermo1", RESET, TIMEOUT)));
    join(client.invoke("gateway/sensor", RESET, TIMEOUT));
    List<Identity> targets = calls.stream().map(MethodCall::target).toList();
    assertEquals(
        List.of(new DeviceIdentity("thermo1"), new ModuleIdentity("gateway", "sensor")), targets);
    assertEquals(new MethodCall(targets.get(0), RESET, TIMEOUT, Duration.ZERO), calls.get(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/", "/b", "a/b/c", "a b"})
  void aTargetThatIsNoIdentityIsRefusedWithWhatWasExpected(String target) throws Exception {
    RequestException refusal = refusal(filter().invoke(target, RESET, TIMEOUT));
    assertEquals(400, refusal.status());
    assertTrue(
        refusal
            .getMessage()
            .startsWith("Calling a method of '" + target + "': expected device or device/module"),
        refusal::getMessage);
    assertEquals(List.of(), calls);
  }

  /** A thread that a module has forgotten must not speak for it any more. */
  @Test
  void aClientThatWasGivenBackDoesNothingMore() throws Exception {
    Bundle filter = modules.module("filter", 1);
    BundleContext context = filter.getBundleContext();
    ServiceReference<ModuleClient> reference = context.getServiceReference(ModuleClient.class);
    ModuleClient client = context.getService(reference);
    join(client.send("output1", Message.json("{}")));
    filter.stop();
    assertEquals(List.of("gateway/filter", "closed"), hub.newEvents());
    CompletionException sending =
        assertThrows(
            CompletionException.class, () -> join(client.send("output1", Message.json("{}"))));
    assertEquals(
        "Sending a message of module filter: its bundle has been stopped",
        assertInstanceOf(SendException.class, sending.getCause()).getMessage());
    assertEquals(503, refusal(client.twin()).status());
    assertEquals(503, refusal(client.report("{}")).status());
    assertEquals(
        "Calling reset of thermo1 for module filter: its bundle has been stopped",
        refusal(client.invoke("thermo1", RESET, TIMEOUT)).getMessage());
    assertEquals(List.of(), hub.newEvents());
    assertEquals(List.of(), calls);
  }

  @Test
  void bundlesOfOneModuleShareItsConnection() throws Exception {
    Bundle old = modules.module("filter", 1);
    join(client(old).send("output1", Message.json("{}")));
    join(client(modules.module("filter", 2)).send("output1", Message.json("{}")));
    old.stop();
    assertEquals(List.of("gateway/filter"), hub.newEvents());
  }
}
