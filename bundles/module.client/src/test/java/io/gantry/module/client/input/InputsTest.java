package io.gantry.module.client.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.module.AsyncMessageHandler;
import io.gantry.api.module.Input;
import io.gantry.api.module.MessageHandler;
import io.gantry.api.module.MessageRejectedException;
import io.gantry.api.module.SendException;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.testkit.module.TestBundle;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;

/** Handlers as services of a real framework, turns taken by the test. */
class InputsTest {

  private static final ModuleInput IN1 = new ModuleInput("filter", "in1");

  @TempDir Path folder;

  private final ManualThreads threads = new ManualThreads();
  private final ManualTime time = new ManualTime();
  private final Traffic traffic = new Traffic(Duration.ofSeconds(60), threads, time);
  private final List<String> handled = new ArrayList<>();
  private final List<EndpointAddress> resumed = new ArrayList<>();
  private Framework framework;
  private BundleContext context;
  private Inputs inputs;

  @BeforeEach
  void start() throws Exception {
    framework =
        new FrameworkFactory()
            .newFramework(
                Map.of(
                    Constants.FRAMEWORK_STORAGE,
                    folder.resolve("felix").toString(),
                    Constants.FRAMEWORK_BSNVERSION,
                    "multiple"));
    framework.start();
    context = framework.getBundleContext();
    inputs = new Inputs(context, threads, time, traffic, resumed::add);
  }

  @AfterEach
  void stop() throws Exception {
    framework.stop();
    framework.waitForStop(10_000);
  }

  private Bundle module(String name, long generation) throws Exception {
    String location = new ModuleLocation(name, generation).toString();
    return install(location, TestBundle.of("acme." + name, "1.0." + generation));
  }

  private Bundle install(String location, TestBundle jar) throws Exception {
    Path file = jar.writeTo(folder.resolve("jars"));
    try (InputStream content = Files.newInputStream(file)) {
      Bundle bundle = context.installBundle(location, content);
      bundle.start();
      return bundle;
    }
  }

  private MessageHandler noting(String name) {
    return message -> handled.add(name + ":" + message.body().asText());
  }

  private static ServiceRegistration<?> register(Bundle bundle, Object handler, Object input) {
    Dictionary<String, Object> properties = new Hashtable<>();
    if (input != null) {
      properties.put(Input.PROPERTY, input);
    }
    String type =
        handler instanceof MessageHandler
            ? MessageHandler.class.getName()
            : AsyncMessageHandler.class.getName();
    return bundle.getBundleContext().registerService(type, handler, properties);
  }

  private void added(ServiceRegistration<?> registration) {
    inputs.added(registration.getReference());
    threads.runAll();
  }

  private List<Endpoint> endpoints() throws Exception {
    Collection<ServiceReference<Endpoint>> found =
        context.getServiceReferences(Endpoint.class, null);
    return found.stream().map(context::getService).toList();
  }

  private Endpoint endpoint() throws Exception {
    assertEquals(1, endpoints().size());
    return endpoints().get(0);
  }

  private static RoutedMessage message(String body) {
    return new RoutedMessage(
        "/messages",
        new DeviceIdentity("thermo1"),
        java.time.Instant.EPOCH,
        Message.of(Payload.ofText(body)));
  }

  private CompletableFuture<Delivery> deliver(Endpoint endpoint, String body) {
    return endpoint.deliver(IN1, message(body)).toCompletableFuture();
  }

  /** As a component does whose constructor throws. */
  @Test
  void whoMeetsAModuleIsToldOfAHandlerThatCannotBeHad() throws Exception {
    Bundle bundle = module("filter", 1);
    ModuleLocation generation = new ModuleLocation("filter", 1);
    Dictionary<String, Object> properties = new Hashtable<>();
    properties.put(Input.PROPERTY, "in1");
    ServiceRegistration<?> broken =
        bundle
            .getBundleContext()
            .registerService(
                MessageHandler.class.getName(),
                new ServiceFactory<Object>() {
                  @Override
                  public Object getService(Bundle user, ServiceRegistration<Object> registration) {
                    throw new NumberFormatException("abc");
                  }

                  @Override
                  public void ungetService(
                      Bundle user, ServiceRegistration<Object> registration, Object service) {}
                },
                properties);
    inputs.added(broken.getReference());
    CompletableFuture<Optional<String>> met = traffic.meet(generation).toCompletableFuture();
    assertFalse(met.isDone(), "it was not asked for yet");
    threads.runAll();
    assertEquals(
        Optional.of(
            "The handler of input in1 cannot be had: it could not be made, see the log of edgeHub"),
        met.join());
    CompletionStage<Optional<String>> other = traffic.meet(new ModuleLocation("filter", 2));
    inputs.removed(broken.getReference());
    CompletionStage<Optional<String>> later = traffic.meet(generation);
    threads.runAll();
    assertEquals(Optional.empty(), other.toCompletableFuture().join());
    assertEquals(Optional.empty(), later.toCompletableFuture().join());
  }

  @Test
  void aHandlerOfAModuleBecomesAnEndpointOfItsInput() throws Exception {
    added(register(module("filter", 1), noting("a"), "in1"));
    Endpoint endpoint = endpoint();
    assertTrue(endpoint.serves(IN1));
    assertTrue(!endpoint.serves(new ModuleInput("filter", "in2")));
    assertTrue(!endpoint.serves(new ModuleInput("other", "in1")));
    CompletableFuture<Delivery> answer = deliver(endpoint, "x");
    threads.runAll();
    assertEquals(List.of("a:x"), handled);
    assertEquals(Delivery.Accepted.INSTANCE, answer.join());
  }

  @Test
  void oneHandlerMayServeSeveralInputs() throws Exception {
    added(register(module("filter", 1), noting("a"), new String[] {"in1", "in2"}));
    assertEquals(2, endpoints().size());
  }

  /** Who is no module must not get a module's messages, whatever it calls itself. */
  @Test
  void aHandlerOfAnotherBundleOrWithoutAnInputGetsNothing() throws Exception {
    Bundle other = install("somewhere", TestBundle.of("acme.x", "1.0.0"));
    added(register(other, noting("a"), "in1"));
    added(register(module("filter", 1), noting("b"), null));
    added(register(module("filter", 2), noting("c"), "a/b"));
    assertEquals(List.of(), endpoints());
  }

  @Test
  void eventsMayComeTwiceAndInTheWrongOrder() throws Exception {
    ServiceRegistration<?> registration = register(module("filter", 1), noting("a"), "in1");
    inputs.removed(registration.getReference());
    inputs.added(registration.getReference());
    inputs.added(registration.getReference());
    threads.runAll();
    assertEquals(1, endpoints().size());
    inputs.removed(registration.getReference());
    inputs.removed(registration.getReference());
    threads.runAll();
    assertEquals(List.of(), endpoints());
  }

  @Test
  void anEventThatIsLateForItsServiceDoesNoHarm() throws Exception {
    ServiceRegistration<?> registration = register(module("filter", 1), noting("a"), "in1");
    inputs.added(registration.getReference());
    registration.unregister();
    threads.runAll();
    assertEquals(List.of(), endpoints());
  }

  @Test
  void theNewestGenerationServesWhileBothAreThereAndTheOldOneWhenItLeaves() throws Exception {
    ServiceRegistration<?> fresh = register(module("filter", 2), noting("new"), "in1");
    ServiceRegistration<?> old = register(module("filter", 1), noting("old"), "in1");
    added(fresh);
    Endpoint endpoint = endpoint();
    added(old);
    assertSame(endpoint, endpoint());
    deliver(endpoint, "1");
    threads.runAll();
    inputs.removed(fresh.getReference());
    threads.runAll();
    deliver(endpoint, "2");
    threads.runAll();
    assertEquals(List.of("new:1", "old:2"), handled);
  }

  @Test
  void messagesThatWaitWhenTheirHandlerLeavesAreAnsweredAsAbsent() throws Exception {
    ServiceRegistration<?> registration = register(module("filter", 1), noting("a"), "in1");
    added(registration);
    Endpoint endpoint = endpoint();
    CompletableFuture<Delivery> answer = deliver(endpoint, "x");
    inputs.removed(registration.getReference());
    threads.runAll();
    assertEquals(Delivery.Absent.INSTANCE, answer.join());
    assertEquals(Delivery.Absent.INSTANCE, deliver(endpoint, "y").join());
    assertTrue(!endpoint.serves(IN1));
  }

  @Test
  void aHandlerThatRejectsIsNotAskedAgainAndOneThatFailsIs() throws Exception {
    MessageHandler handler =
        message -> {
          switch (message.body().asText()) {
            case "never" -> throw new MessageRejectedException("no temperature in it");
            case "linkage" -> throw new NoClassDefFoundError("acme/Gone");
            default -> throw new IllegalStateException("expected by this test");
          }
        };
    added(register(module("filter", 1), handler, "in1"));
    Endpoint endpoint = endpoint();
    CompletableFuture<Delivery> never = deliver(endpoint, "never");
    CompletableFuture<Delivery> linkage = deliver(endpoint, "linkage");
    threads.runAll();
    assertEquals(new Delivery.Rejected("no temperature in it"), never.join());
    assertInstanceOf(Delivery.Retry.class, linkage.join());
  }

  /** It says nothing against the message, which must not become a dead letter for it. */
  @Test
  void whatTheHubDoesNotTakeNowIsNoRefusalByTheModule() throws Exception {
    SendException full = new SendException("store full", true);
    SendException large = new SendException("too large", false);
    AsyncMessageHandler handler =
        message ->
            CompletableFuture.failedFuture(
                message.body().asText().equals("1")
                    ? new IllegalStateException("cannot send", full)
                    : large);
    added(register(module("filter", 1), handler, "in1"));
    Endpoint endpoint = endpoint();
    CompletableFuture<Delivery> later = endpoint.deliver(IN1, message("1")).toCompletableFuture();
    CompletableFuture<Delivery> never = endpoint.deliver(IN1, message("2")).toCompletableFuture();
    threads.runAll();
    assertEquals(
        new Delivery.Deferred("what the handler sent was refused: cannot send"), later.join());
    assertInstanceOf(Delivery.Retry.class, never.join());
  }

  /** Order: what was handed over behind a failed message must not be seen before it. */
  @Test
  void behindAFailedMessageASynchronousHandlerSeesNothingUntilItComesAgain() throws Exception {
    boolean[] fail = {true};
    MessageHandler handler =
        message -> {
          handled.add(message.body().asText());
          if (fail[0] && message.body().asText().equals("1")) {
            throw new IllegalStateException("expected by this test");
          }
        };
    added(register(module("filter", 1), handler, "in1"));
    Endpoint endpoint = endpoint();
    RoutedMessage first = message("1");
    RoutedMessage second = message("2");
    endpoint.deliver(IN1, first);
    CompletableFuture<Delivery> behind = endpoint.deliver(IN1, second).toCompletableFuture();
    threads.runAll();
    assertEquals(List.of("1"), handled);
    assertInstanceOf(Delivery.Deferred.class, behind.join());
    fail[0] = false;
    time.advance(Duration.ofSeconds(1));
    endpoint.deliver(IN1, first);
    endpoint.deliver(IN1, second);
    threads.runAll();
    assertEquals(List.of("1", "1", "2"), handled);
  }

  @Test
  void anAsynchronousHandlerAnswersWhenItsStageCompletes() throws Exception {
    List<CompletableFuture<String>> stages = new ArrayList<>();
    AsyncMessageHandler handler =
        message -> {
          CompletableFuture<String> stage = new CompletableFuture<>();
          stages.add(stage);
          return stage;
        };
    added(register(module("filter", 1), handler, "in1"));
    Endpoint endpoint = endpoint();
    CompletableFuture<Delivery> first = deliver(endpoint, "1");
    CompletableFuture<Delivery> second = deliver(endpoint, "2");
    threads.runAll();
    assertEquals(2, stages.size());
    assertTrue(!first.isDone());
    stages.get(1).complete("any value");
    assertEquals(Delivery.Accepted.INSTANCE, second.join());
    stages.get(0).completeExceptionally(new MessageRejectedException("no"));
    assertEquals(new Delivery.Rejected("no"), first.join());
  }

  @Test
  void aStageThatIsNullIsAFailureOfTheHandler() throws Exception {
    AsyncMessageHandler handler = message -> null;
    added(register(module("filter", 1), handler, "in1"));
    CompletableFuture<Delivery> answer = deliver(endpoint(), "1");
    threads.runAll();
    assertInstanceOf(Delivery.Retry.class, answer.join());
  }

  /** A handler that is busy for longer than the pump waits must not gather the same messages. */
  @Test
  void aMessageThatIsHandedOverAgainWhileItWaitsIsHandledOnce() throws Exception {
    added(register(module("filter", 1), noting("a"), "in1"));
    Endpoint endpoint = endpoint();
    RoutedMessage message = message("1");
    endpoint.deliver(IN1, message);
    CompletableFuture<Delivery> again = endpoint.deliver(IN1, message).toCompletableFuture();
    threads.runAll();
    assertEquals(List.of("a:1"), handled);
    assertEquals(Delivery.Accepted.INSTANCE, again.join());
  }

  @Test
  void aHandlerRunsWithTheClassLoaderOfItsModule() throws Exception {
    ClassLoader[] seen = new ClassLoader[1];
    MessageHandler handler = message -> seen[0] = Thread.currentThread().getContextClassLoader();
    added(register(module("filter", 1), handler, "in1"));
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(null);
    deliver(endpoint(), "1");
    threads.runAll();
    assertSame(handler.getClass().getClassLoader(), seen[0]);
    assertNull(thread.getContextClassLoader());
    thread.setContextClassLoader(before);
  }

  @Test
  void closingTakesAllEndpointsAway() throws Exception {
    added(register(module("filter", 1), noting("a"), "in1"));
    inputs.close();
    assertEquals(List.of(), endpoints());
  }
}
