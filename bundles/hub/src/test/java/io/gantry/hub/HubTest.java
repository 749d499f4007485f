package io.gantry.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.hub.identity.StoredIdentities;
import io.gantry.hub.ingress.Ingress;
import io.gantry.hub.method.HubMethods;
import io.gantry.hub.session.Sessions;
import io.gantry.hub.twin.HubTwins;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry.Key;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.EndpointAddress.Upstream;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.SendResult.Reason;
import io.gantry.spi.session.Subscription;
import io.gantry.spi.store.StoreException;
import io.gantry.testkit.routing.FakeDrops;
import io.gantry.testkit.security.FakeVault;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HubTest {

  private static final Identity THERMO = new DeviceIdentity("thermo1");
  private static final Identity FILTER = new ModuleIdentity("gateway", "filter");
  private static final String GOOD =
      """
      {"schemaVersion":"1.1","routes":{"up":"FROM /* INTO $upstream"},
       "storeAndForwardConfiguration":{"timeToLiveSecs":7200}}\
      """;

  private final FakeStore store = new FakeStore();
  private final ManualTime time = new ManualTime();
  private final FakeDrops drops = new FakeDrops();
  private final RecordingRouter router = new RecordingRouter(store);
  private ManualThreads threads = new ManualThreads();
  private StoredIdentities identities;
  private Hub hub = newHub();

  private Hub newHub() {
    threads = new ManualThreads();
    FakeVault vault = new FakeVault();
    identities =
        new StoredIdentities(
            "gateway", store.table("identities"), vault, threads.serial("identities"), time);
    Hub made =
        new Hub(
            "gateway",
            "gantry.local",
            1 << 20,
            router,
            router,
            store,
            store,
            threads,
            time,
            drops,
            time,
            vault,
            identities);
    identities.onRevoked(made::revoke);
    return made;
  }

  private void configure() {
    CompletableFuture<Void> applied = hub.configuration().apply(GOOD).toCompletableFuture();
    threads.runAll();
    applied.join();
  }

  private ClientConnection connect(Identity identity, ClientSession session) throws Exception {
    return hub.gateway().connect(identity, session);
  }

  private static Message hello() {
    return Message.of(Payload.ofText("hello"));
  }

  // ---- who may come in

  /** A message that enters before routes are known would match none and be lost. */
  @Test
  void nobodyIsLetInBeforeThereAreRoutesAndEverybodyAfterwards() throws Exception {
    ConnectionRefusedException refused =
        assertThrows(ConnectionRefusedException.class, () -> connect(THERMO, new Client()));
    assertTrue(refused.temporary());
    assertTrue(refused.getMessage().contains("no deployment yet"), refused.getMessage());
    configure();
    connect(THERMO, new Client());
  }

  @Test
  void aRestartPutsTheStoredRoutesInForceBeforeAnybodyComes() throws Exception {
    configure();
    hub.close();
    router.replaced.clear();
    hub = newHub();
    assertEquals(1, router.replaced.size());
    connect(THERMO, new Client());
  }

  @Test
  void theSecondConnectionOfAnIdentityClosesTheFirst() throws Exception {
    configure();
    Client first = new Client();
    Client second = new Client();
    ClientConnection old = connect(THERMO, first);
    ClientConnection fresh = connect(THERMO, second);
    assertEquals(List.of(CloseReason.REPLACED), first.closed);
    assertEquals(Reason.CLOSED, reason(old.send(Optional.empty(), hello())));
    // The head notices late that the first is gone: that must not take the second one with it.
    old.close();
    assertEquals(
        SendResult.Accepted.INSTANCE,
        fresh.send(Optional.empty(), hello()).toCompletableFuture().join());
  }

  // ---- who has to go

  private static final Identity PUMP = new ModuleIdentity("thermo1", "pump");

  private <T> T join(CompletionStage<T> stage) {
    threads.runAll();
    CompletableFuture<T> future = stage.toCompletableFuture();
    assertTrue(future.isDone(), "is answered");
    return future.join();
  }

  private void register() {
    configure();
    join(identities.create(THERMO, Optional.empty()));
    join(identities.create(PUMP, Optional.empty()));
  }

  private void assertGone(Client client, ClientConnection connection) {
    assertEquals(List.of(CloseReason.REVOKED), client.closed);
    assertEquals(Reason.CLOSED, reason(connection.send(Optional.empty(), hello())));
  }

  @Test
  void whoeverIsDisabledIsSentAwayBeforeTheOperatorIsAnsweredAndComesBackWhenEnabled()
      throws Exception {
    register();
    Client client = new Client();
    ClientConnection connection = connect(THERMO, client);
    List<CloseReason> seen = new ArrayList<>();
    identities.setEnabled(THERMO, false).thenRun(() -> seen.addAll(client.closed));
    threads.runAll();
    assertEquals(List.of(CloseReason.REVOKED), seen);
    assertGone(client, connection);

    ConnectionRefusedException refused =
        assertThrows(ConnectionRefusedException.class, () -> connect(THERMO, new Client()));
    assertTrue(refused.temporary());
    assertEquals("Connecting thermo1: it is disabled", refused.getMessage());
    join(identities.setEnabled(THERMO, true));
    connect(THERMO, new Client());
  }

  @Test
  void theModulesOfADisabledDeviceAreSentAwayWithItAndStayOut() throws Exception {
    register();
    Client client = new Client();
    ClientConnection connection = connect(PUMP, client);
    join(identities.setEnabled(THERMO, false));
    assertGone(client, connection);
    assertThrows(ConnectionRefusedException.class, () -> connect(PUMP, new Client()));
    join(identities.setEnabled(THERMO, true));
    connect(PUMP, new Client());
  }

  @Test
  void whoeverIsDeletedIsSentAwayAndADevicesModulesWithIt() throws Exception {
    register();
    Client device = new Client();
    Client module = new Client();
    ClientConnection first = connect(THERMO, device);
    ClientConnection second = connect(PUMP, module);
    join(identities.delete(THERMO));
    assertGone(device, first);
    assertGone(module, second);
  }

  @Test
  void aNewKeyEndsTheConnectionThatMayHaveUsedTheOldOneAndNoOther() throws Exception {
    register();
    Client device = new Client();
    Client module = new Client();
    ClientConnection first = connect(THERMO, device);
    connect(PUMP, module);
    join(identities.regenerateKey(THERMO, Key.SECONDARY));
    assertGone(device, first);
    assertEquals(List.of(), module.closed);
    connect(THERMO, new Client());
  }

  /** Nothing is durable, so nothing has happened. */
  @Test
  void aChangeThatCannotBeStoredSendsNobodyAway() throws Exception {
    register();
    Client client = new Client();
    connect(THERMO, client);
    store.refuse(StoreException.Kind.FULL);
    CompletableFuture<?> change = identities.setEnabled(THERMO, false).toCompletableFuture();
    threads.runAll();
    assertTrue(change.isCompletedExceptionally());
    assertEquals(List.of(), client.closed);
    connect(THERMO, new Client());
  }

  /** Between the look into the registry and the place where the connection is found. */
  @Test
  void whoeverIsDisabledWhileItConnectsIsRefused() {
    Deque<Optional<String>> obstacles =
        new ArrayDeque<>(List.of(Optional.empty(), Optional.of("it is disabled")));
    Ingress ingress = new Ingress("gateway", router, time, drops);
    HubTwins twins =
        new HubTwins(
            store.table("twins"),
            new FakeVault(),
            identities,
            ingress::reported,
            threads.serial("twins"));
    Sessions sessions =
        new Sessions(
            "gateway",
            "gantry.local",
            ingress,
            twins,
            new HubMethods(identities, time, threads.serial("methods")),
            () -> true,
            identity -> obstacles.remove(),
            receiver -> {});
    Client client = new Client();
    assertThrows(ConnectionRefusedException.class, () -> sessions.connect(THERMO, client));
    sessions.close();
    assertEquals(List.of(), client.closed, "it is not listed as connected");
  }

  /** Modules in the gateway, and clients where anybody is let in, stand in no registry. */
  @Test
  void whoIsNotRegisteredComesInAsFarAsTheHubIsConcerned() throws Exception {
    configure();
    connect(THERMO, new Client());
    connect(FILTER, new Client());
  }

  // ---- topics of the local broker

  private SendResult publish(Message message) {
    return hub.gateway().publish("wanted/a", message).toCompletableFuture().join();
  }

  @Test
  void aMessageOnATopicIsOneOfTheGatewayAndNamesItsTopic() {
    configure();
    assertTrue(hub.gateway().wantsTopic("wanted/a"));
    assertFalse(hub.gateway().wantsTopic("other"));
    assertEquals(SendResult.Accepted.INSTANCE, publish(hello()));
    RoutedMessage routed = router.routed.get(0);
    assertEquals("/topics/wanted/a", routed.source());
    assertEquals(new DeviceIdentity("gateway"), routed.sender());
    assertEquals("wanted/a", routed.message().systemProperties().get(SystemProperty.TOPIC));
  }

  /** A circle that the routes do not show is cut. */
  @Test
  void aMessageThatWasHandedOnTooOftenIsDroppedAndCounted() {
    configure();
    publish(hello().withSystemProperty(SystemProperty.HOPS, "8"));
    assertEquals(1, router.routed.size());
    assertEquals(
        SendResult.Accepted.INSTANCE,
        publish(hello().withSystemProperty(SystemProperty.HOPS, "9")));
    publish(hello().withSystemProperty(SystemProperty.HOPS, "many"));
    assertEquals(1, router.routed.size());
    assertEquals(2L, drops.counts().get(DropReason.HOP_LIMIT));
  }

  @Test
  void onlyTheGatewayAndItsModulesSayHowOftenAMessageWasHandedOn() throws Exception {
    configure();
    Message claims = hello().withSystemProperty(SystemProperty.HOPS, "3");
    connect(THERMO, new Client()).send(Optional.empty(), claims);
    connect(new ModuleIdentity("gateway", "m"), new Client()).send(Optional.of("o"), claims);
    assertEquals(
        Optional.empty(), router.routed.get(0).message().systemProperty(SystemProperty.HOPS));
    assertEquals(
        Optional.of("3"), router.routed.get(1).message().systemProperty(SystemProperty.HOPS));
  }

  @Test
  void aMessageOnATopicMayBeAsLargeAsAnyOther() {
    configure();
    Message tooLarge = Message.of(Payload.wrap(new byte[ClientGateway.MAX_MESSAGE_SIZE + 1]));
    assertEquals(Reason.TOO_LARGE, ((SendResult.Rejected) publish(tooLarge)).reason());
  }

  // ---- what may enter

  @Test
  void theHubWritesOnAMessageWhoSentItAndWhen() throws Exception {
    configure();
    Message forged =
        hello()
            .withProperty("level", "high")
            .withSystemProperty(SystemProperty.CONNECTION_DEVICE_ID, "other")
            .withSystemProperty(SystemProperty.CONNECTION_MODULE_ID, "other")
            .withSystemProperty(SystemProperty.INPUT_NAME, "other")
            .withSystemProperty(SystemProperty.OUTPUT_NAME, "other")
            .withSystemProperty(SystemProperty.MESSAGE_ID, "mine");
    connect(THERMO, new Client()).send(Optional.empty(), forged);
    RoutedMessage routed = router.routed.get(0);
    assertEquals("/messages", routed.source());
    assertEquals(THERMO, routed.sender());
    assertEquals(Map.of("level", "high"), routed.message().properties());
    assertEquals(
        Map.of(
            SystemProperty.CONNECTION_DEVICE_ID, "thermo1",
            SystemProperty.ENQUEUED_TIME, time.instant().toString(),
            SystemProperty.MESSAGE_ID, "mine"),
        routed.message().systemProperties());
  }

  @Test
  void aModulesMessageCarriesItsModuleAndOutput() throws Exception {
    configure();
    ClientConnection filter = connect(FILTER, new Client());
    filter.send(Optional.of("out1"), hello());
    filter.send(Optional.empty(), hello());
    assertEquals("/messages/modules/filter/outputs/out1", router.routed.get(0).source());
    assertEquals("/messages/modules/filter", router.routed.get(1).source());
    Message first = router.routed.get(0).message();
    assertEquals(Optional.of("filter"), first.systemProperty(SystemProperty.CONNECTION_MODULE_ID));
    assertEquals(Optional.of("out1"), first.systemProperty(SystemProperty.OUTPUT_NAME));
  }

  /** What a filter lets through is still the device's; that the filter sent it is said as well. */
  @Test
  void aModuleOfTheGatewayKeepsTheNameOfTheDeviceWhoseMessageItPassesOn() throws Exception {
    configure();
    Message ofDevice = hello().withSystemProperty(SystemProperty.CONNECTION_DEVICE_ID, "thermo1");
    connect(FILTER, new Client()).send(Optional.of("out1"), ofDevice);
    connect(new ModuleIdentity("other", "m"), new Client()).send(Optional.of("out1"), ofDevice);
    Map<String, String> passedOn = router.routed.get(0).message().systemProperties();
    assertEquals("thermo1", passedOn.get(SystemProperty.CONNECTION_DEVICE_ID));
    assertEquals("filter", passedOn.get(SystemProperty.CONNECTION_MODULE_ID));
    assertEquals(FILTER, router.routed.get(0).sender());
    assertEquals(
        Optional.of("other"),
        router.routed.get(1).message().systemProperty(SystemProperty.CONNECTION_DEVICE_ID));
  }

  @Test
  void aMessageWithoutAnIdGetsOneOfItsOwn() throws Exception {
    configure();
    ClientConnection connection = connect(THERMO, new Client());
    connection.send(Optional.empty(), hello());
    connection.send(Optional.empty(), hello());
    List<String> ids =
        router.routed.stream()
            .map(routed -> routed.message().systemProperty(SystemProperty.MESSAGE_ID).orElseThrow())
            .distinct()
            .toList();
    assertEquals(2, ids.size());
  }

  /** IoT Hub quotas: 256 KiB with all properties. */
  @Test
  void theSizeLimitCountsPropertiesAndIsExact() throws Exception {
    configure();
    ClientConnection connection = connect(THERMO, new Client());
    int body = ClientGateway.MAX_MESSAGE_SIZE - 2;
    Message fits = Message.of(Payload.wrap(new byte[body])).withProperty("a", "b");
    assertEquals(
        SendResult.Accepted.INSTANCE,
        connection.send(Optional.empty(), fits).toCompletableFuture().join());
    Message over = fits.withProperty("a", "bc");
    assertEquals(Reason.TOO_LARGE, reason(connection.send(Optional.empty(), over)));
    assertEquals(Map.of(DropReason.TOO_LARGE, 1L), drops.counts());
    assertEquals(1, router.routed.size());
  }

  @ParameterizedTest
  @CsvSource({"FULL,STORE_FULL", "BROKEN,STORE_BROKEN", "CLOSED,CLOSED"})
  void aStoreThatRefusesIsSaidSo(StoreException.Kind kind, Reason reason) throws Exception {
    configure();
    ClientConnection connection = connect(THERMO, new Client());
    store.refuse(kind);
    assertEquals(reason, reason(connection.send(Optional.empty(), hello())));
  }

  @Test
  void nothingIsAcceptedBeforeTheStoreHasIt() throws Exception {
    configure();
    ClientConnection connection = connect(THERMO, new Client());
    store.hold();
    CompletableFuture<SendResult> result =
        connection.send(Optional.empty(), hello()).toCompletableFuture();
    assertFalse(result.isDone());
    store.release();
    assertEquals(SendResult.Accepted.INSTANCE, result.join());
  }

  // ---- configuration

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '^',
      value = {
        "{ => expected JSON",
        "[] => expected an object",
        "{} => $edgeHub.schemaVersion",
        "{\"schemaVersion\":\"2.0\"} => found \"2.0\"",
        "{\"schemaVersion\":\"1.1\"} => $edgeHub.routes",
        "{\"schemaVersion\":\"1.1\",\"routes\":{}} => timeToLiveSecs",
        "{\"schemaVersion\":\"1.0\",\"routes\":{\"a\":{\"route\":\"FROM /* INTO $upstream\"}}} =>"
            + " $edgeHub.routes.a",
        "{\"schemaVersion\":\"1.0\",\"routes\":{\"a.b\":\"FROM /* INTO $upstream\"}} => without"
            + " dot",
        "{\"schemaVersion\":\"1.0\",\"routes\":{\"a\":\"bad\"}} => route 'a', column 1",
        "{\"schemaVersion\":\"1.1\",\"routes\":{\"a\":{\"route\":\"FROM /* INTO"
            + " $upstream\",\"priority\":10}},\"storeAndForwardConfiguration\":{\"timeToLiveSecs\":1}}"
            + " => $edgeHub.routes.a.priority"
      })
  void whatIsWrongWithAConfigurationIsNamedByItsPath(String desired, String expected) {
    String errors = String.join("\n", hub.configuration().check(desired));
    assertTrue(errors.contains(expected), errors);
    CompletableFuture<Void> applied = hub.configuration().apply(desired).toCompletableFuture();
    threads.runAll();
    assertTrue(applied.isCompletedExceptionally());
    assertTrue(router.replaced.isEmpty());
  }

  private static final String DESIRED =
      "{\"schemaVersion\":\"1.1\",\"routes\":{\"a\":%s},"
          + "\"storeAndForwardConfiguration\":{\"timeToLiveSecs\":%d}}";

  private RouteDefinition applied(String route, int timeToLive) {
    hub.configuration().apply(DESIRED.formatted(route, timeToLive));
    threads.runAll();
    return router.replaced.get(router.replaced.size() - 1).routes().get(0);
  }

  @Test
  void aRouteHasPriorityAndTimeToLiveOfItsOwnOrOfAll() {
    String text = "FROM /* INTO $upstream";
    assertEquals(new RouteDefinition("a", text), applied("\"" + text + "\"", -1));
    assertEquals(
        new RouteDefinition("a", text, 10, Optional.of(Duration.ofHours(2)), true),
        applied("\"" + text + "\"", 7_200));
    assertEquals(
        new RouteDefinition("a", text, 3, Optional.of(Duration.ofMinutes(1)), true),
        applied("{\"route\":\"" + text + "\",\"priority\":3,\"timeToLiveSecs\":60}", 7_200));
    assertEquals(
        new RouteDefinition("a", text, 0, Optional.of(Duration.ofHours(2)), true),
        applied("{\"route\":\"" + text + "\",\"priority\":0,\"timeToLiveSecs\":0}", 7_200));
  }

  /** Nothing is weakened silently. */
  @Test
  void aRouteThroughMemoryIsWarnedOf() {
    String route = "{\"route\":\"FROM /* INTO $upstream\",\"durability\":\"%s\"}";
    assertFalse(applied(route.formatted("memory"), -1).durable());
    assertTrue(applied(route.formatted("disk"), -1).durable());
    assertEquals(
        List.of("$edgeHub.routes.a.durability: what waits in memory is lost when the process ends"),
        hub.configuration().warnings(DESIRED.formatted(route.formatted("memory"), -1)));
    assertEquals(
        List.of("$edgeHub.routes.a.durability: expected \"disk\" or \"memory\", found \"no\""),
        hub.configuration().check(DESIRED.formatted(route.formatted("no"), -1)));
  }

  @Test
  void bodiesAreTakenForJsonIfTheConfigurationSaysSo() {
    String desired = "{\"schemaVersion\":\"1.0\",\"assumeJson\":%s,\"routes\":{}}";
    hub.configuration().apply(desired.formatted("true"));
    threads.runAll();
    assertTrue(router.replaced.get(0).assumeJson());
    assertEquals(
        List.of("$edgeHub.assumeJson: expected true or false, found 1"),
        hub.configuration().check(desired.formatted("1")));
  }

  @Test
  void everyBadRouteIsNamedNotOnlyTheFirst() {
    List<String> errors =
        hub.configuration()
            .check("{\"schemaVersion\":\"1.0\",\"routes\":{\"a\":\"bad\",\"b\":\"bad\"}}");
    assertEquals(2, errors.size(), errors.toString());
  }

  /** A crash in between leaves the old configuration or the new one, never routes nobody stored. */
  @Test
  void routesAreInForceOnlyOnceTheyAreStored() {
    store.hold();
    CompletableFuture<Void> applied = hub.configuration().apply(GOOD).toCompletableFuture();
    threads.runAll();
    assertTrue(router.replaced.isEmpty());
    assertFalse(applied.isDone());
    store.release();
    threads.runAll();
    assertEquals(1, router.replaced.size());
    applied.join();
  }

  @Test
  void aConfigurationThatCannotBeStoredIsNotInForce() {
    store.refuse(StoreException.Kind.FULL);
    CompletableFuture<Void> applied = hub.configuration().apply(GOOD).toCompletableFuture();
    threads.runAll();
    assertTrue(applied.isCompletedExceptionally());
    assertTrue(router.replaced.isEmpty());
  }

  // ---- what leaves

  @Test
  void whatGoesUpstreamIsInTheEventLogBeforeItIsAccepted() throws Exception {
    configure();
    store.hold();
    RoutedMessage message =
        new RoutedMessage("/messages", THERMO, time.instant(), hello().withProperty("a", null));
    CompletableFuture<Delivery> delivery =
        hub.endpoint().deliver(new Upstream(), message).toCompletableFuture();
    assertFalse(delivery.isDone());
    store.release();
    assertEquals(Delivery.Accepted.INSTANCE, delivery.join());
    assertEquals(message.message(), hub.events().read(0, 10).get(0).message());
    assertEquals(1, hub.events().next());
  }

  @Test
  void anEventLogThatCannotBeWrittenKeepsTheMessageInItsQueue() throws Exception {
    configure();
    store.refuse(StoreException.Kind.FULL);
    RoutedMessage message = new RoutedMessage("/messages", THERMO, time.instant(), hello());
    Delivery delivery =
        hub.endpoint().deliver(new Upstream(), message).toCompletableFuture().join();
    assertTrue(delivery instanceof Delivery.Retry, delivery.toString());
  }

  @Test
  void inputsOfAModuleAreServedWhileItWantsThem() throws Exception {
    configure();
    ModuleInput input = new ModuleInput("filter", "in1");
    Client client = new Client();
    ClientConnection connection = connect(FILTER, client);
    assertFalse(hub.endpoint().serves(input));
    connection.subscribe(Subscription.INPUTS);
    assertTrue(hub.endpoint().serves(input));
    assertEquals(List.of(input), router.resumed);
    RoutedMessage message = new RoutedMessage("/messages", THERMO, time.instant(), hello());
    hub.endpoint().receiver(input).deliver(input, message);
    assertEquals(List.of("in1"), client.inputs);
    connection.close();
    assertFalse(hub.endpoint().serves(input));
    assertEquals(
        Delivery.Absent.INSTANCE,
        hub.endpoint().receiver(input).deliver(input, message).toCompletableFuture().join());
  }

  /** Else the rest of a round would overtake what the former connection got and never answered. */
  @Test
  void theReceiverOfAnInputIsOneConnectionAndStaysSo() throws Exception {
    configure();
    ModuleInput input = new ModuleInput("filter", "in1");
    Client before = new Client();
    connect(FILTER, before).subscribe(Subscription.INPUTS);
    Endpoint receiver = hub.endpoint().receiver(input);
    assertEquals(receiver, hub.endpoint().receiver(input));
    Client after = new Client();
    connect(FILTER, after).subscribe(Subscription.INPUTS);
    assertNotEquals(receiver, hub.endpoint().receiver(input));
    receiver.deliver(input, new RoutedMessage("/messages", THERMO, time.instant(), hello()));
    assertEquals(List.of("in1"), before.inputs);
    assertEquals(List.of(), after.inputs);
  }

  @Test
  void modulesOfOtherDevicesHaveNoInputsHere() throws Exception {
    configure();
    ClientConnection other = connect(new ModuleIdentity("other", "filter"), new Client());
    other.subscribe(Subscription.INPUTS);
    assertFalse(hub.endpoint().serves(new ModuleInput("filter", "in1")));
    ClientConnection device = connect(THERMO, new Client());
    assertThrows(IllegalStateException.class, () -> device.subscribe(Subscription.INPUTS));
  }

  @Test
  void stoppingClosesEverySession() throws Exception {
    configure();
    Client client = new Client();
    connect(THERMO, client);
    hub.close();
    assertEquals(List.of(CloseReason.SHUTDOWN), client.closed);
  }

  private static Reason reason(CompletionStage<SendResult> result) {
    return ((SendResult.Rejected) result.toCompletableFuture().join()).reason();
  }
}
