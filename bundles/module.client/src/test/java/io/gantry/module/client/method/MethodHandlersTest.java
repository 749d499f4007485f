package io.gantry.module.client.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.module.Method;
import io.gantry.api.module.MethodHandler;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.module.client.connection.FakeHub;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.module.client.whiteboard.TestModules;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.session.ClientSession;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceRegistration;

/** Handlers as services of a real framework, turns taken by the test. */
class MethodHandlersTest {

  @TempDir Path folder;

  private final FakeHub hub = new FakeHub();
  private final ManualThreads threads = new ManualThreads();
  private final ManualTime time = new ManualTime();
  private final Traffic traffic = new Traffic(Duration.ofSeconds(60), threads, time);
  private final ModuleConnections connections =
      new ModuleConnections(() -> hub, threads, time, time);
  private TestModules modules;
  private MethodHandlers handlers;

  @BeforeEach
  void start() throws Exception {
    modules = new TestModules(folder);
    handlers = new MethodHandlers(modules.context(), threads, time, connections, traffic);
  }

  @AfterEach
  void stop() throws Exception {
    modules.close();
  }

  private static MethodHandler saying(String text) {
    return request -> new MethodResponse(200, "\"" + text + "\"");
  }

  private ServiceRegistration<MethodHandler> added(
      Bundle bundle, MethodHandler handler, String... names) {
    ServiceRegistration<MethodHandler> registration =
        TestModules.register(
            bundle,
            MethodHandler.class,
            handler,
            names.length == 0 ? Map.of() : Map.of(Method.PROPERTY, names));
    handlers.added(registration.getReference());
    threads.runAll();
    return registration;
  }

  private void removed(ServiceRegistration<MethodHandler> registration) {
    handlers.removed(registration.getReference());
    threads.runAll();
  }

  private CompletableFuture<MethodResponse> ask(ClientSession session, String method) {
    return session.invoke(new MethodRequest(method, "null")).toCompletableFuture();
  }

  private MethodResponse call(String method) {
    CompletableFuture<MethodResponse> answer = ask(hub.session(), method);
    assertFalse(answer.isDone(), "the hub's thread does not wait for a handler");
    threads.runAll();
    return answer.join();
  }

  private static int status(CompletableFuture<MethodResponse> refused) {
    CompletionException failure = assertThrows(CompletionException.class, refused::join);
    return assertInstanceOf(RequestException.class, failure.getCause()).status();
  }

  @Test
  void aHandlerAnswersTheMethodsThatItNamesWithoutCaseAndAnotherTheRest() throws Exception {
    Bundle filter = modules.module("filter", 1);
    added(filter, saying("rest"));
    added(filter, saying("named"), "reset", "Stop");
    assertEquals(List.of("gateway/filter", "+METHODS"), hub.newEvents());
    assertEquals("\"named\"", call("RESET").payload());
    assertEquals("\"named\"", call("stop").payload());
    assertEquals("\"rest\"", call("other").payload());
  }

  /** As a component that is registered by hand may write it. */
  @Test
  void oneNameNeedsNoArray() throws Exception {
    ServiceRegistration<MethodHandler> registration =
        TestModules.register(
            modules.module("filter", 1),
            MethodHandler.class,
            saying("one"),
            Map.of(Method.PROPERTY, "reset"));
    handlers.added(registration.getReference());
    threads.runAll();
    assertEquals("\"one\"", call("reset").payload());
    assertEquals(501, call("other").status());
  }

  @Test
  void aMethodThatNoHandlerAnswersIsNotImplemented() throws Exception {
    added(modules.module("filter", 1), saying("named"), "reset");
    assertEquals(501, call("other").status());
  }

  @Test
  void aHandlerSeesTheRequestAndRunsWithTheClassLoaderOfItsModule() throws Exception {
    List<Object> seen = new ArrayList<>();
    MethodHandler handler =
        request -> {
          seen.add(request);
          seen.add(Thread.currentThread().getContextClassLoader());
          return new MethodResponse(299, "[1]");
        };
    added(modules.module("filter", 1), handler);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(null);
    assertEquals(new MethodResponse(299, "[1]"), call("reset"));
    assertEquals(
        List.of(new MethodRequest("reset", "null"), handler.getClass().getClassLoader()), seen);
    assertNull(thread.getContextClassLoader());
    thread.setContextClassLoader(before);
  }

  /** Its reason may hold what is none of the caller's business. */
  @Test
  void aHandlerThatFailsIsAnsweredForWithoutItsReason() throws Exception {
    Bundle filter = modules.module("filter", 1);
    added(
        filter,
        request -> {
          throw new IllegalStateException("secret, expected by this test");
        },
        "fails");
    added(
        filter,
        request -> {
          throw new NoClassDefFoundError("acme/secret");
        },
        "linkage");
    added(filter, request -> null, "nothing");
    added(filter, request -> new MethodResponse(200, "\"" + "ü".repeat(65536) + "\""), "large");
    for (String method : List.of("fails", "linkage", "nothing", "large")) {
      MethodResponse answer = call(method);
      assertEquals(500, answer.status(), method);
      assertFalse(answer.payload().contains("secret"), answer.payload());
    }
    added(filter, request -> new MethodResponse(200, "\"" + "ü".repeat(65535) + "\""), "fits");
    assertEquals(200, call("fits").status());
  }

  @Test
  void theNewestGenerationAnswersWhileBothAreThereAndTheOldOneWhatTheNewOneDoesNot()
      throws Exception {
    Bundle old = modules.module("filter", 1);
    added(old, saying("old"), "reset", "stop");
    ServiceRegistration<MethodHandler> fresh =
        added(modules.module("filter", 2), saying("new"), "reset");
    assertEquals("\"new\"", call("reset").payload());
    assertEquals("\"old\"", call("stop").payload());
    ServiceRegistration<MethodHandler> rest =
        added(fresh.getReference().getBundle(), saying("all"));
    assertEquals("\"all\"", call("stop").payload());
    removed(fresh);
    removed(rest);
    assertEquals("\"old\"", call("reset").payload());
  }

  @Test
  void aHandlerOfAnotherBundleAnswersNothing() throws Exception {
    added(modules.stranger(), saying("a"));
    assertEquals(List.of(), hub.newEvents());
  }

  @Test
  void eventsMayComeTwiceAndInTheWrongOrder() throws Exception {
    ServiceRegistration<MethodHandler> registration =
        TestModules.register(
            modules.module("filter", 1), MethodHandler.class, saying("a"), Map.of());
    handlers.removed(registration.getReference());
    handlers.added(registration.getReference());
    handlers.added(registration.getReference());
    threads.runAll();
    assertEquals("\"a\"", call("reset").payload());
    handlers.removed(registration.getReference());
    removed(registration);
    assertEquals("closed", hub.events.get(hub.events.size() - 1));
    assertNull(registration.getReference().getUsingBundles());
  }

  @Test
  void aHandlerThatIsRegisteredAnewAnswersAgain() throws Exception {
    Bundle filter = modules.module("filter", 1);
    removed(added(filter, saying("a")));
    added(filter, saying("b"));
    assertEquals("\"b\"", call("reset").payload());
  }

  @Test
  void callsThatWaitWhenTheLastHandlerLeavesAreRefused() throws Exception {
    ServiceRegistration<MethodHandler> registration =
        added(modules.module("filter", 1), saying("a"));
    CompletableFuture<MethodResponse> waiting = ask(hub.session(), "reset");
    removed(registration);
    assertEquals(404, status(waiting));
    assertEquals(404, status(ask(hub.session(), "reset")));
  }

  @Test
  void aHandlerThatHangsHoldsUpItsOwnModuleOnly() throws Exception {
    added(modules.module("sensor", 1), saying("sensor"));
    ClientSession sensor = hub.session();
    List<CompletableFuture<MethodResponse>> during = new ArrayList<>();
    added(
        modules.module("filter", 1),
        request -> {
          if (during.isEmpty()) {
            during.add(ask(sensor, "reset"));
            during.add(ask(hub.session(), "reset"));
            threads.runAll();
            assertTrue(during.get(0).isDone());
            assertFalse(during.get(1).isDone(), "one call after another");
          }
          return new MethodResponse(200, "1");
        });
    assertEquals(200, call("reset").status());
    assertEquals("\"sensor\"", during.get(0).join().payload());
    assertEquals("1", during.get(1).join().payload());
  }

  /** Behind a handler that hangs, calls whose callers have long gone must not pile up, or run. */
  @Test
  void callsBehindABusyHandlerAreBoundedAndNotMadeWhenNobodyWaitsForThem() throws Exception {
    int[] calls = new int[1];
    added(
        modules.module("filter", 1),
        request -> new MethodResponse(200, String.valueOf(++calls[0])));
    List<CompletableFuture<MethodResponse>> waiting = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      waiting.add(ask(hub.session(), "reset"));
    }
    assertEquals(429, status(ask(hub.session(), "reset")));
    time.advance(Duration.ofSeconds(301));
    threads.runAll();
    for (CompletableFuture<MethodResponse> late : waiting) {
      assertEquals(504, status(late));
    }
    assertEquals(0, calls[0]);
    assertEquals("1", call("reset").payload());
  }

  private CompletableFuture<Void> serve(long generation) {
    CompletableFuture<Void> stage =
        traffic.serve(new ModuleLocation("filter", generation)).toCompletableFuture();
    threads.runAll();
    return stage;
  }

  @Test
  void theGenerationThatServesAnswersAndNoOtherWhicheverCameFirst() throws Exception {
    serve(1);
    added(modules.module("filter", 2), saying("new"), "reset", "stop");
    assertEquals(List.of(), hub.newEvents(), "for the hub it is not there yet");
    added(modules.module("filter", 1), saying("old"), "reset");
    assertEquals(List.of("gateway/filter", "+METHODS"), hub.newEvents());
    assertEquals("\"old\"", call("reset").payload());
    assertEquals(501, call("stop").status());
    assertTrue(serve(2).isDone());
    assertEquals("\"new\"", call("reset").payload());
    assertEquals(List.of(), hub.newEvents(), "the hub does not notice");
  }

  /** What the hub does then is what it does while a module is not there: 404, or wait for it. */
  @Test
  void whileNobodyServesTheModuleIsNotThereForCallers() throws Exception {
    added(modules.module("filter", 1), saying("a"));
    CompletableFuture<MethodResponse> waiting = ask(hub.session(), "reset");
    hub.newEvents();
    CompletableFuture<Void> held = traffic.hold("filter").toCompletableFuture();
    threads.runAll();
    assertTrue(held.isDone());
    assertEquals(404, status(waiting));
    assertEquals(List.of("-METHODS"), hub.newEvents());
    assertEquals(404, status(ask(hub.session(), "reset")));
    serve(1);
    assertEquals(List.of("+METHODS"), hub.newEvents());
    assertEquals("\"a\"", call("reset").payload());
  }

  @Test
  void aCallUnderWayIsAnsweredByTheOldGenerationAndWhatWaitsByTheNewOne() throws Exception {
    added(modules.module("filter", 2), saying("new"));
    List<CompletableFuture<Void>> switched = new ArrayList<>();
    added(
        modules.module("filter", 1),
        request -> {
          switched.add(serve(2));
          assertFalse(switched.get(0).isDone());
          return new MethodResponse(200, "\"old\"");
        });
    serve(1);
    CompletableFuture<MethodResponse> first = ask(hub.session(), "reset");
    CompletableFuture<MethodResponse> second = ask(hub.session(), "reset");
    threads.runAll();
    assertEquals("\"old\"", first.join().payload());
    assertEquals("\"new\"", second.join().payload());
    assertTrue(switched.get(0).isDone());
  }

  @Test
  void behindACallThatHangsTheNextGenerationAnswersOnceTheOldOneIsGone() throws Exception {
    added(modules.module("filter", 2), saying("new"));
    List<ServiceRegistration<MethodHandler>> registration = new ArrayList<>();
    List<CompletableFuture<MethodResponse>> during = new ArrayList<>();
    registration.add(
        added(
            modules.module("filter", 1),
            request -> {
              CompletableFuture<Void> switched = serve(2);
              during.add(ask(hub.session(), "reset"));
              threads.runAll();
              assertFalse(during.get(0).isDone());
              removed(registration.get(0));
              assertEquals("\"new\"", during.get(0).join().payload());
              assertFalse(switched.isDone());
              return new MethodResponse(200, "\"late\"");
            }));
    serve(1);
    assertEquals("\"late\"", call("reset").payload());
    assertTrue(serve(2).isDone());
    assertEquals("\"new\"", call("reset").payload());
  }

  @Test
  void aHandlerThatHangsIsToldOfWithTheNameOfTheMethod() throws Exception {
    List<String> told = new ArrayList<>();
    traffic.listen((generation, problem) -> told.add(generation + " " + problem.orElse("none")));
    added(
        modules.module("filter", 1),
        request -> {
          for (int i = 0; i < 7; i++) {
            time.advance(Duration.ofSeconds(10));
            threads.runAll();
          }
          return new MethodResponse(200, "1");
        });
    call("reset");
    assertEquals(
        List.of(
            "gantry:module/filter/1 A handler of methods, called for method reset,"
                + " has not come back for more than 60 s.",
            "gantry:module/filter/1 none"),
        told);
  }

  @Test
  void closingGivesAllBackAndLateEventsAreIgnored() throws Exception {
    ServiceRegistration<MethodHandler> registration =
        added(modules.module("filter", 1), saying("a"));
    handlers.close();
    threads.runAll();
    assertNull(registration.getReference().getUsingBundles());
    assertEquals("closed", hub.events.get(hub.events.size() - 1));
    removed(registration);
  }
}
