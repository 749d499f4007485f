package io.gantry.module.client.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.module.AsyncMessageHandler;
import io.gantry.api.module.Input;
import io.gantry.api.module.MessageHandler;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.module.client.whiteboard.TestModules;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** Messages while somebody says which generation of a module serves; turns taken by the test. */
class SwitchedInputsTest {

  private static final ModuleInput IN1 = new ModuleInput("filter", "in1");
  private static final ModuleLocation OLD = new ModuleLocation("filter", 1);
  private static final ModuleLocation NEW = new ModuleLocation("filter", 2);

  @TempDir Path folder;

  private final ManualThreads threads = new ManualThreads();
  private final ManualTime time = new ManualTime();
  private final Traffic traffic = new Traffic(Duration.ofSeconds(60), threads, time);
  private final List<String> handled = new ArrayList<>();
  private final List<EndpointAddress> resumed = new ArrayList<>();
  private final List<CompletableFuture<Void>> promises = new ArrayList<>();
  private TestModules modules;
  private Bundle old;
  private Bundle fresh;
  private Inputs inputs;

  @BeforeEach
  void start() throws Exception {
    modules = new TestModules(folder);
    old = modules.module("filter", 1);
    fresh = modules.module("filter", 2);
    inputs = new Inputs(modules.context(), threads, time, traffic, resumed::add);
  }

  @AfterEach
  void stop() throws Exception {
    modules.close();
  }

  private MessageHandler noting(String name) {
    return message -> handled.add(name + ":" + message.body().asText());
  }

  private AsyncMessageHandler promising(String name) {
    return message -> {
      handled.add(name + ":" + message.body().asText());
      promises.add(new CompletableFuture<>());
      return promises.get(promises.size() - 1);
    };
  }

  private ServiceRegistration<?> added(Bundle bundle, MessageHandler handler) {
    return added(TestModules.register(bundle, MessageHandler.class, handler, input("in1")));
  }

  private ServiceRegistration<?> addedAsync(Bundle bundle, AsyncMessageHandler handler) {
    return added(TestModules.register(bundle, AsyncMessageHandler.class, handler, input("in1")));
  }

  private ServiceRegistration<?> added(ServiceRegistration<?> registration) {
    inputs.added(registration.getReference());
    threads.runAll();
    return registration;
  }

  private static Map<String, String> input(String name) {
    return Map.of(Input.PROPERTY, name);
  }

  private void removed(ServiceRegistration<?> registration) {
    inputs.removed(registration.getReference());
    threads.runAll();
  }

  private CompletableFuture<Void> serve(ModuleLocation generation) {
    CompletableFuture<Void> stage = traffic.serve(generation).toCompletableFuture();
    threads.runAll();
    return stage;
  }

  private CompletableFuture<Void> hold() {
    CompletableFuture<Void> stage = traffic.hold("filter").toCompletableFuture();
    threads.runAll();
    return stage;
  }

  private List<Endpoint> endpoints() throws Exception {
    Collection<ServiceReference<Endpoint>> found =
        modules.context().getServiceReferences(Endpoint.class, null);
    return found.stream().map(modules.context()::getService).toList();
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

  private static CompletableFuture<Delivery> given(Endpoint endpoint, String body) {
    return endpoint.deliver(IN1, message(body)).toCompletableFuture();
  }

  private CompletableFuture<Delivery> deliver(Endpoint endpoint, String body) {
    CompletableFuture<Delivery> answer = given(endpoint, body);
    threads.runAll();
    return answer;
  }

  @Test
  void theGenerationThatServesIsGivenTheMessagesWhicheverCameFirst() throws Exception {
    serve(OLD);
    added(fresh, noting("new"));
    assertEquals(List.of(), endpoints(), "the one that serves has no handler yet: nobody gets any");
    added(old, noting("old"));
    Endpoint endpoint = endpoint();
    deliver(endpoint, "1");
    assertTrue(serve(NEW).isDone());
    deliver(endpoint, "2");
    assertTrue(serve(OLD).isDone());
    deliver(endpoint, "3");
    assertEquals(List.of("old:1", "new:2", "old:3"), handled);
    assertSame(endpoint, endpoint(), "whoever delivers notices nothing");
    assertEquals(List.of(), resumed);
  }

  @Test
  void whatWasTakenButNotHandedOverGoesToTheNewOne() throws Exception {
    added(old, noting("old"));
    serve(OLD);
    added(fresh, noting("new"));
    CompletableFuture<Delivery> taken = given(endpoint(), "1");
    traffic.serve(NEW);
    threads.runAll();
    assertEquals(Delivery.Accepted.INSTANCE, taken.join());
    assertEquals(List.of("new:1"), handled);
  }

  /** In the moment of the switch the old one has the call, or the new one; never both. */
  @Test
  void aSwitchWithinACallIsFollowedByTheNextMessage() throws Exception {
    added(fresh, noting("new"));
    List<CompletableFuture<Void>> switched = new ArrayList<>();
    added(
        old,
        message -> {
          handled.add("old:" + message.body().asText());
          switched.add(serve(NEW));
          assertFalse(switched.get(0).isDone(), "this call is under way");
        });
    serve(OLD);
    given(endpoint(), "1");
    given(endpoint(), "2");
    threads.runAll();
    assertEquals(List.of("old:1", "new:2"), handled);
    assertTrue(switched.get(0).isDone());
  }

  @Test
  void theSwitchIsOverWhenTheOldOneHasAnsweredAllThatItWasGiven() throws Exception {
    addedAsync(old, promising("old"));
    serve(OLD);
    added(fresh, noting("new"));
    CompletableFuture<Delivery> first = deliver(endpoint(), "1");
    CompletableFuture<Delivery> second = deliver(endpoint(), "2");
    CompletableFuture<Void> switched = serve(NEW);
    deliver(endpoint(), "3");
    assertEquals(List.of("old:1", "old:2", "new:3"), handled, "nobody waits for the old one");
    promises.get(1).complete(null);
    assertFalse(switched.isDone());
    promises.get(0).completeExceptionally(new IllegalStateException("expected by this test"));
    assertTrue(switched.isDone());
    assertTrue(first.join() instanceof Delivery.Retry);
    assertEquals(Delivery.Accepted.INSTANCE, second.join());
    assertTrue(serve(NEW).isDone());
  }

  /** Its bundle was stopped in spite of them. */
  @Test
  void theSwitchIsOverWhenTheCallsOfOneThatIsGoneAre() throws Exception {
    ServiceRegistration<?> registration = addedAsync(old, promising("old"));
    serve(OLD);
    added(fresh, noting("new"));
    CompletableFuture<Delivery> answer = deliver(endpoint(), "1");
    CompletableFuture<Void> switched = serve(NEW);
    removed(registration);
    assertFalse(switched.isDone());
    assertEquals(Delivery.Absent.INSTANCE, answer.join(), "it is given to the new one");
    assertEquals(List.of(IN1), resumed, "and without a pause");
    promises.get(0).complete(null);
    assertTrue(switched.isDone());
    assertTrue(hold().isDone(), "and nobody remembers it");
  }

  @Test
  void whileNobodyServesMessagesWaitWhereTheyAreKept() throws Exception {
    added(old, noting("old"));
    Endpoint endpoint = endpoint();
    CompletableFuture<Delivery> before = given(endpoint, "1");
    assertTrue(hold().isDone());
    assertFalse(endpoint.serves(IN1), "nothing more is handed over");
    CompletableFuture<Delivery> late = deliver(endpoint, "2");
    assertFalse(before.isDone() || late.isDone(), "no attempt is counted");
    assertEquals(List.of(), resumed);
    serve(OLD);
    assertTrue(endpoint.serves(IN1));
    assertEquals(List.of(IN1), resumed, "what waits comes at once");
    assertEquals(List.of("old:1", "old:2"), handled);
    assertEquals(Delivery.Accepted.INSTANCE, before.join());
    assertEquals(Delivery.Accepted.INSTANCE, late.join());
  }

  @Test
  void holdingIsOverWhenWhatWasGivenIsAnswered() throws Exception {
    addedAsync(old, promising("old"));
    CompletableFuture<Delivery> answer = deliver(endpoint(), "1");
    CompletableFuture<Void> held = hold();
    assertFalse(held.isDone());
    held.thenRun(() -> assertTrue(answer.isDone(), "the answer comes first"));
    promises.get(0).complete(null);
    held.join();
  }

  /** The old one is stopped before the new one starts: it is one endpoint all the same. */
  @Test
  void anExclusiveModuleIsReplacedBehindOneEndpoint() throws Exception {
    ServiceRegistration<?> registration = added(old, noting("old"));
    Endpoint endpoint = endpoint();
    CompletableFuture<Delivery> before = given(endpoint, "1");
    hold();
    removed(registration);
    assertEquals(Delivery.Absent.INSTANCE, before.join(), "back to the store: it may take long");
    assertSame(endpoint, endpoint());
    assertFalse(endpoint.serves(IN1));
    added(fresh, noting("new"));
    assertFalse(endpoint.serves(IN1), "it was not said that it serves");
    serve(NEW);
    assertTrue(endpoint.serves(IN1));
    assertEquals(List.of(IN1), resumed);
    deliver(endpoint, "1");
    assertEquals(List.of("new:1"), handled);
  }

  @Test
  void theOneThatServesMayRegisterItsHandlerLater() throws Exception {
    added(old, noting("old"));
    Endpoint endpoint = endpoint();
    serve(NEW);
    assertFalse(endpoint.serves(IN1));
    added(fresh, noting("new"));
    assertTrue(endpoint.serves(IN1));
    assertEquals(List.of(IN1), resumed);
  }

  @Test
  void whoIsForgottenIsServedByTheNewestAgain() throws Exception {
    added(old, noting("old"));
    serve(OLD);
    ServiceRegistration<?> registration = added(fresh, noting("new"));
    traffic.forget("filter");
    threads.runAll();
    deliver(endpoint(), "1");
    assertEquals(List.of("new:1"), handled);
    removed(registration);
    deliver(endpoint(), "2");
    assertEquals(List.of("new:1", "old:2"), handled);
  }

  @Test
  void theEndpointOfAModuleThatIsNoMoreGoesWhenItIsForgotten() throws Exception {
    ServiceRegistration<?> registration = added(old, noting("old"));
    serve(OLD);
    removed(registration);
    assertEquals(1, endpoints().size());
    traffic.forget("filter");
    threads.runAll();
    assertEquals(List.of(), endpoints());
  }

  @Test
  void otherModulesNoticeNothing() throws Exception {
    added(modules.module("other", 1), noting("other"));
    Endpoint other = endpoint();
    added(old, noting("old"));
    hold();
    assertTrue(other.serves(new ModuleInput("other", "in1")));
    deliver(other, "1");
    assertEquals(List.of("other:1"), handled);
  }

  /** Order: the new one does not overtake a call that will end. */
  @Test
  void theNewOneWaitsForASynchronousCallUntilTheOldOneIsGone() throws Exception {
    added(fresh, noting("new"));
    List<ServiceRegistration<?>> registration = new ArrayList<>();
    List<CompletableFuture<Delivery>> answers = new ArrayList<>();
    registration.add(
        added(
            old,
            message -> {
              handled.add("old hangs");
              serve(NEW);
              answers.add(deliver(endpoints().get(0), "2"));
              assertFalse(answers.get(1).isDone());
              removed(registration.get(0));
              assertEquals(Delivery.Absent.INSTANCE, answers.get(0).join());
              assertEquals(Delivery.Accepted.INSTANCE, answers.get(1).join());
              answers.add(deliver(endpoints().get(0), "3"));
              handled.add("old comes back");
            }));
    serve(OLD);
    answers.add(given(endpoint(), "1"));
    threads.runAll();
    assertEquals(List.of("old hangs", "new:2", "new:3", "old comes back"), handled);
    assertTrue(serve(NEW).isDone());
    deliver(endpoint(), "4");
    assertEquals("new:4", handled.get(4));
  }

  /** What the pump gives up after its time limit it hands over again; it is handled once. */
  @Test
  void aMessageThatIsHandedOverAgainWhileNobodyServesIsHandledOnce() throws Exception {
    added(old, noting("old"));
    Endpoint endpoint = endpoint();
    hold();
    RoutedMessage message = message("1");
    CompletableFuture<Delivery> first = endpoint.deliver(IN1, message).toCompletableFuture();
    threads.runAll();
    CompletableFuture<Delivery> again = endpoint.deliver(IN1, message).toCompletableFuture();
    serve(OLD);
    assertEquals(List.of("old:1"), handled);
    assertEquals(Delivery.Accepted.INSTANCE, again.join());
    assertFalse(first.isDone());
  }

  @Test
  void aHandlerThatHangsOrNeverAnswersIsToldOfWithTheNameOfItsInput() throws Exception {
    List<String> told = new ArrayList<>();
    traffic.listen((generation, problem) -> told.add(generation + " " + problem.orElse("none")));
    addedAsync(old, promising("old"));
    added(
        fresh,
        message -> {
          for (int i = 0; i < 7; i++) {
            time.advance(Duration.ofSeconds(10));
            threads.runAll();
          }
        });
    serve(OLD);
    deliver(endpoint(), "1");
    serve(NEW);
    deliver(endpoint(), "2");
    promises.get(0).complete(null);
    threads.runAll();
    String subject = " The handler of input in1 has ";
    assertEquals(
        Set.of(
            OLD + subject + "come back but not answered for more than 60 s.",
            NEW + subject + "not come back for more than 60 s."),
        Set.copyOf(told.subList(0, 2)));
    assertEquals(List.of(NEW + " none", OLD + " none"), told.subList(2, told.size()));
  }

  /** Nothing may hold the classes of a generation that was replaced. */
  @Test
  void aServiceThatIsGoneIsGivenBack() throws Exception {
    ServiceRegistration<?> registration = added(old, noting("old"));
    serve(OLD);
    added(fresh, noting("new"));
    serve(NEW);
    removed(registration);
    assertEquals(null, registration.getReference().getUsingBundles());
  }

  @Test
  void whoIsToldWhenAllIsClosedIsNotLeftWaiting() throws Exception {
    added(old, noting("old"));
    inputs.close();
    assertTrue(serve(NEW).isDone());
    assertTrue(hold().isDone());
  }
}
