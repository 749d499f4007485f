package io.gantry.hub;

import static io.gantry.hub.TestHub.THERMO;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.SystemProperty;
import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.Twin;
import io.gantry.hub.twin.FlatDocument;
import io.gantry.hub.twin.RandomPatch;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.MessageSource;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.Subscription;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Twins as clients and the back end see them. */
class TwinsTest {

  private static final Subscription DESIRED = Subscription.DESIRED_PROPERTIES;

  private final TestHub test = new TestHub();

  private Twin get(Identity identity) {
    return test.join(test.hub.twins().get(identity));
  }

  private Twin update(String patch) {
    return test.join(test.hub.twins().updateDesired(THERMO, patch));
  }

  private Client subscribe() {
    Client client = new Client().accepting();
    test.connect(client, DESIRED);
    return client;
  }

  // ---- documents and versions

  @Test
  void aTwinThatNobodyHasTouchedIsEmptyAndOfVersionOne() {
    Twin untouched = new Twin("{}", 1, "{}", 1);
    assertEquals(untouched, get(THERMO));
    assertEquals(untouched, test.join(test.connect(THERMO, new Client()).twin()));
  }

  @Test
  void eachAcceptedChangeCountsItsPartUpByOne() {
    ClientConnection thermo = test.connect(THERMO, new Client());
    assertEquals(2L, test.join(thermo.report("{\"door\":\"open\",\"lamp\":{\"on\":true}}")));
    assertEquals(3L, test.join(thermo.report("{\"door\":null,\"lamp\":{\"lux\":2.50}}")));
    assertEquals(4L, test.join(thermo.report("{}")));
    assertEquals(2, update("{\"interval\":5}").desiredVersion());
    Twin twin = new Twin("{\"interval\":5}", 2, "{\"lamp\":{\"on\":true,\"lux\":2.50}}", 4);
    assertEquals(twin, get(THERMO));
    assertEquals(twin, test.join(thermo.twin()));
    test.restart();
    assertEquals(twin, get(THERMO));
  }

  @Test
  void aChangeIsAnsweredOnlyOnceItIsDurable() {
    ClientConnection thermo = test.connect(THERMO, new Client());
    test.store.hold();
    CompletableFuture<Long> report = thermo.report("{\"a\":1}").toCompletableFuture();
    CompletableFuture<Twin> desired =
        test.hub.twins().updateDesired(THERMO, "{\"a\":1}").toCompletableFuture();
    test.threads.runAll();
    assertFalse(report.isDone());
    assertFalse(desired.isDone());
    test.store.release();
    assertEquals(2L, test.join(report));
    assertEquals(2, test.join(desired).desiredVersion());
  }

  @Test
  void aChangeThatCannotBeStoredHasNotHappened() {
    Client client = subscribe();
    test.store.refuse(StoreException.Kind.FULL);
    assertEquals(503, test.refusal(test.hub.twins().updateDesired(THERMO, "{\"a\":1}")).status());
    test.store.refuse(null);
    assertEquals(new Twin("{}", 1, "{}", 1), get(THERMO));
    assertEquals(List.of(), client.changes);
  }

  /** The disk is slow: one device waits for it and no other for that one. */
  @Test
  void requestsOfOneIdentityAreDoneInTheirOrderAndAreBounded() {
    ClientConnection thermo = test.connect(THERMO, new Client());
    test.store.hold();
    List<CompletableFuture<Long>> reports = new ArrayList<>();
    for (int i = 0; i <= 64; i++) {
      reports.add(thermo.report("{\"n\":" + i + "}").toCompletableFuture());
    }
    test.threads.runAll();
    assertEquals(1, test.store.held());
    RequestException refused = test.refusal(thermo.report("{\"n\":65}"));
    assertEquals(429, refused.status());
    assertEquals(429, test.refusal(thermo.twin()).status());
    Identity other = new DeviceIdentity("thermo2");
    CompletableFuture<Long> another =
        test.connect(other, new Client()).report("{\"n\":1}").toCompletableFuture();
    test.threads.runAll();
    assertEquals(2, test.store.held());
    test.store.release();
    assertEquals(2L, test.join(another));
    for (int i = 0; i <= 64; i++) {
      assertEquals(i + 2L, test.join(reports.get(i)));
    }
    assertEquals("{\"n\":64}", get(THERMO).reported());
  }

  @Test
  void twinsAreSealedAndOneThatIsDamagedIsKeptAndSaidToBe() {
    update("{\"password\":\"tiger\"}");
    Table table = test.store.table("twins");
    byte[] sealed = table.get("thermo1").orElseThrow();
    assertFalse(new String(sealed, UTF_8).contains("tiger"));
    sealed[3]++;
    table.put("thermo1", sealed);
    assertEquals(500, test.refusal(test.hub.twins().get(THERMO)).status());
    ClientConnection thermo = test.connect(THERMO, new Client());
    assertEquals(500, test.refusal(thermo.report("{\"a\":1}")).status());
    assertEquals(List.of(sealed[3]), List.of(table.get("thermo1").orElseThrow()[3]));
  }

  // ---- whose twin

  @Test
  void theBackEndGetsTwinsOfRegisteredIdentitiesOnlyAndClientsTheirOwn() {
    Identity guest = new ModuleIdentity("gateway", "guest");
    assertEquals(404, test.refusal(test.hub.twins().get(guest)).status());
    assertEquals(404, test.refusal(test.hub.twins().updateDesired(guest, "{}")).status());
    ClientConnection connection = test.connect(guest, new Client());
    assertEquals(2L, test.join(connection.report("{\"a\":1}")));
    assertEquals("{\"a\":1}", test.join(connection.twin()).reported());
    test.identities.with(guest, "registered");
    assertEquals("{\"a\":1}", get(guest).reported());
  }

  @Test
  void aDeletedIdentityLeavesNothingToTheNextOneOfItsName() {
    Client client = subscribe();
    update("{\"a\":1}");
    test.hub.forget(THERMO);
    test.threads.runAll();
    assertEquals(List.of(), List.copyOf(test.store.table("twins").keys()));
    assertEquals(new Twin("{}", 1, "{}", 1), get(THERMO));
    assertEquals(1, client.changes.size());
  }

  /** The power may fail between the deletion and what follows from it. */
  @Test
  void theTwinOfAFormerIdentityOfTheNameIsNotThisOnes() {
    update("{\"a\":1}");
    test.identities.with(THERMO, "second");
    assertEquals(new Twin("{}", 1, "{}", 1), get(THERMO));
    assertEquals(2, update("{\"b\":1}").desiredVersion());
    assertEquals("{\"b\":1}", get(THERMO).desired());
  }

  @Test
  void aConnectionThatIsClosedGetsNoTwin() {
    ClientConnection connection = test.connect(THERMO, new Client());
    connection.close();
    assertEquals(404, test.refusal(connection.twin()).status());
    assertEquals(404, test.refusal(connection.report("{\"a\":1}")).status());
    test.restart();
    test.hub.close();
    assertEquals(503, test.refusal(test.hub.twins().get(THERMO)).status());
  }

  // ---- limits

  private static String nested(int levels, String open, String close) {
    return "{\"a\":" + open.repeat(levels) + "1" + close.repeat(levels) + "}";
  }

  private static String document(int bytes) {
    StringBuilder json = new StringBuilder("{");
    for (int i = 0; i < 7; i++) {
      json.append("\"k").append(i).append("\":\"").append("x".repeat(4096)).append("\",");
    }
    json.append("\"rest\":\"");
    json.append("x".repeat(bytes - json.length() - 2));
    return json.append("\"}").toString();
  }

  private static final long LARGEST = 4_503_599_627_370_496L;

  private static String named(String name) {
    return "{\"" + name + "\":1}";
  }

  private static String valued(String value) {
    return "{\"a\":" + value + "}";
  }

  static Stream<String> good() {
    return Stream.of(
        "{}",
        " {\"a\" : 1}\n",
        nested(10, "{\"b\":", "}"),
        nested(10, "[", "]"),
        named("n".repeat(1024)),
        named("\u00e4".repeat(512)),
        named("\ud83d\ude00-_/:"),
        valued("\"" + "x".repeat(4096) + "\""),
        valued("\"" + "\u00e4".repeat(2048) + "\""),
        valued("\"a.b $ # c\\u0000\\n\""),
        valued(String.valueOf(LARGEST)),
        valued(String.valueOf(-LARGEST)),
        valued("1e300"),
        valued("-0.5"),
        valued("[1,{\"b\":[true,\"x\"]},[]]"),
        valued("null"),
        document(32 * 1024));
  }

  /** The boundaries of each rule, on this side. */
  @ParameterizedTest
  @MethodSource("good")
  void whatIsWithinTheLimitsIsTakenOnBothSides(String patch) {
    assertEquals(2, update(patch).desiredVersion());
    assertEquals(2L, test.join(test.connect(THERMO, new Client()).report(patch)));
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        Arguments.of("", "expected JSON"),
        Arguments.of("{", "expected JSON"),
        Arguments.of("{\"a\":1", "expected JSON"),
        Arguments.of("{a:1}", "expected JSON"),
        Arguments.of("{'a':1}", "expected JSON"),
        Arguments.of("{\"a\":NaN}", "expected JSON"),
        Arguments.of("{\"a\":01}", "expected JSON, found a mistake at line 1 column 6 path $.a"),
        Arguments.of("{\"a\":1}{}", "expected "),
        Arguments.of("{\"a\":1,}", "expected JSON"),
        Arguments.of("[]", ": expected an object"),
        Arguments.of("null", ": expected an object"),
        Arguments.of("{\"a\":1,\"a\":2}", ".a: expected each name once"),
        Arguments.of(nested(11, "{\"b\":", "}"), ".a.b.b"),
        Arguments.of(nested(11, "[", "]"), ": expected at most 10 levels"),
        Arguments.of(nested(100_000, "[", "]"), "expected at most 10 levels"),
        Arguments.of("{\"a\":".repeat(50_000), "expected at most"),
        Arguments.of(named("n".repeat(1025)), "expected a name of at most 1024 bytes, found 1025"),
        Arguments.of(named("\u00e4".repeat(512) + "n"), "found 1025"),
        Arguments.of(named("a.b"), "U+002E"),
        Arguments.of(named("a$b"), "U+0024"),
        Arguments.of(named("a#b"), "U+0023"),
        Arguments.of(named("a b"), "U+0020"),
        Arguments.of(named("a\\u0001b"), "U+0001"),
        Arguments.of(named("a\u0085b"), "U+0085"),
        Arguments.of("{\"a\":{\"$version\":3}}", "expected a name without . $ #"),
        Arguments.of("{\"$version\":3,\"a\":1}", "expected a name without . $ #"),
        Arguments.of(
            valued("\"" + "x".repeat(4097) + "\""),
            ".a: expected a text of at most 4096 bytes, found 4097"),
        Arguments.of(valued("[\"" + "\u00e4".repeat(2048) + "x\"]"), ".a[0]: expected a text"),
        Arguments.of(valued("\"\\ud800\""), ".a: expected Unicode text"),
        Arguments.of(named("\\udc00"), "expected Unicode text"),
        Arguments.of(valued(String.valueOf(LARGEST + 1)), ".a: expected an integer from"),
        Arguments.of(valued(String.valueOf(-LARGEST - 1)), ".a: expected an integer from"),
        Arguments.of(valued("9".repeat(1_000)), ".a: expected an integer from"),
        Arguments.of(valued("1e400"), ".a: expected a number"),
        Arguments.of(valued("[1,null]"), ".a[1]: expected no null in an array"),
        Arguments.of(document(32 * 1024 + 1), "expected at most 32768 bytes in all, found 32769"),
        Arguments.of(" ".repeat(1 << 20) + "{}", "expected at most"));
  }

  /** The boundaries of each rule, beyond; the text of the error names the place and the rule. */
  @ParameterizedTest
  @MethodSource("bad")
  void whatIsBeyondALimitIsRefusedOnBothSidesAndNothingHasChanged(String patch, String rule) {
    update("{\"a\":0}");
    ClientConnection thermo = test.connect(THERMO, new Client());
    RequestException desired = test.refusal(test.hub.twins().updateDesired(THERMO, patch));
    RequestException reported = test.refusal(thermo.report(patch));
    for (RequestException refusal : List.of(desired, reported)) {
      assertEquals(400, refusal.status());
      assertTrue(refusal.getMessage().contains(rule), refusal.getMessage());
      assertTrue(refusal.getMessage().length() < 500, refusal.getMessage());
    }
    assertTrue(desired.getMessage().startsWith("desired"), desired.getMessage());
    assertTrue(reported.getMessage().startsWith("reported"), reported.getMessage());
    assertEquals(new Twin("{\"a\":0}", 2, "{}", 1), get(THERMO));
    assertEquals(List.of(), test.router.routed);
  }

  @Test
  void theLimitOfADocumentIsForWhatPatchesMakeOfIt() {
    ClientConnection thermo = test.connect(THERMO, new Client());
    assertEquals(2L, test.join(thermo.report(document(32 * 1024))));
    assertEquals(400, test.refusal(thermo.report("{\"b\":1}")).status());
    assertEquals(3L, test.join(thermo.report("{\"k0\":null,\"b\":1}")));
  }

  // ---- routes

  @Test
  void aReportedChangeEntersTheRoutesAsAMessageOfItsSender() {
    ClientConnection thermo = test.connect(THERMO, new Client());
    test.join(thermo.report("{\"door\":null, \"lamp\":{\"on\":true}}"));
    RoutedMessage routed = test.router.routed.get(0);
    assertEquals(MessageSource.TWIN_CHANGE, routed.source());
    assertEquals(THERMO, routed.sender());
    Message message = routed.message();
    assertEquals(
        "{\"properties\":{\"reported\":{\"door\":null,\"lamp\":{\"on\":true}}}}",
        message.body().asText());
    assertEquals(Map.of("opType", "updateTwin", "deviceId", "thermo1"), message.properties());
    Map<String, String> system = message.systemProperties();
    assertEquals("thermo1", system.get(SystemProperty.CONNECTION_DEVICE_ID));
    assertEquals("application/json", system.get(SystemProperty.CONTENT_TYPE));
    assertEquals("utf-8", system.get(SystemProperty.CONTENT_ENCODING));
    assertEquals("twinChangeNotification", system.get(SystemProperty.MESSAGE_SCHEMA));
    assertEquals(test.time.instant().toString(), system.get(SystemProperty.ENQUEUED_TIME));
    assertTrue(system.containsKey(SystemProperty.MESSAGE_ID));
    assertFalse(system.containsKey(SystemProperty.CONNECTION_MODULE_ID));

    Identity filter = new ModuleIdentity("gateway", "filter");
    test.join(test.connect(filter, new Client()).report("{}"));
    message = test.router.routed.get(1).message();
    assertEquals("filter", message.systemProperties().get(SystemProperty.CONNECTION_MODULE_ID));
    assertEquals("gateway", message.systemProperties().get(SystemProperty.CONNECTION_DEVICE_ID));
    assertEquals("filter", message.properties().get("moduleId"));
  }

  @Test
  void aReportedChangeIsStoredBeforeItIsRouted() {
    ClientConnection thermo = test.connect(THERMO, new Client());
    test.store.hold();
    CompletableFuture<Long> report = thermo.report("{\"a\":1}").toCompletableFuture();
    test.threads.runAll();
    assertEquals(List.of(), test.router.routed);
    test.store.release();
    test.join(report);
    assertEquals(1, test.router.routed.size());
  }

  @Test
  void aChangeThatNoRouteLooksAtIsNotRoutedAndNotCountedAsLost() {
    test.router.wantsTwinChanges = false;
    test.join(test.connect(THERMO, new Client()).report("{\"a\":1}"));
    assertEquals(List.of(), test.router.routed);
    assertEquals(Map.of(), test.drops.counts());
  }

  @Test
  void aRouteThatFailsDoesNotFailTheReportAndIsCounted() {
    test.router.refusal = new StoreException(StoreException.Kind.FULL, "expected by this test");
    assertEquals(2L, test.join(test.connect(THERMO, new Client()).report("{\"a\":1}")));
    assertEquals("{\"a\":1}", get(THERMO).reported());
    assertEquals(Map.of(DropReason.STORE_FULL, 1L), test.drops.counts());
  }

  // ---- what clients are told

  private static DesiredChange change(String patch, long version) {
    return new DesiredChange(patch, version);
  }

  @Test
  void aSubscriberIsToldEachChangeAsItWasMade() {
    Client client = subscribe();
    assertEquals(List.of(), client.changes, "nobody has set anything");
    update("{\"a\":1,\"b\":{\"x\":1}}");
    update("{\"a\":1}");
    update("{\"b\":null}");
    assertEquals(
        List.of(
            change("{\"a\":1,\"b\":{\"x\":1}}", 2),
            change("{\"a\":1}", 3),
            change("{\"b\":null}", 4)),
        client.changes);
  }

  @Test
  void whatIsDesiredCanBeReplacedAndASubscriberIsToldTheDifferenceIfThereIsOne() {
    update("{\"old\":1,\"same\":{\"x\":1,\"y\":2},\"n\":1}");
    Client client = subscribe();
    client.changes.clear();
    String wanted = "{\"same\":{\"x\":1,\"none\":null},\"n\":1.0,\"new\":true}";
    Twin twin = test.join(test.hub.twins().replaceDesired(THERMO, wanted));
    assertEquals(new Twin("{\"same\":{\"x\":1},\"n\":1.0,\"new\":true}", 3, "{}", 1), twin);
    assertEquals(
        List.of(change("{\"old\":null,\"same\":{\"y\":null},\"n\":1.0,\"new\":true}", 3)),
        client.changes);
    assertEquals(twin, test.join(test.hub.twins().replaceDesired(THERMO, wanted)));
    assertEquals(twin, get(THERMO), "nothing is written for nothing");
    assertEquals(1, client.changes.size());
    assertEquals(400, test.refusal(test.hub.twins().replaceDesired(THERMO, "[]")).status());
  }

  @Test
  void theFirstSubscriptionBringsEverything() {
    update("{\"a\":1}");
    update("{\"b\":2}");
    assertEquals(List.of(change("{\"a\":1,\"b\":2}", 3)), subscribe().changes);
  }

  /** IoT Edge needs a GET for this, without which changes made meanwhile are lost. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoComesBackIsToldWhatHasChangedMeanwhileAsOneChange(boolean restart) {
    Client before = new Client().accepting();
    ClientConnection connection = test.connect(before, DESIRED);
    update("{\"gone\":1,\"stays\":1,\"inner\":{\"gone\":1,\"stays\":1}}");
    connection.close();
    update("{\"gone\":null,\"inner\":{\"gone\":null,\"fresh\":2}}");
    update("{\"stays\":5}");
    update("{\"stays\":1}");
    if (restart) {
      test.restart();
    }
    assertEquals(
        List.of(change("{\"gone\":null,\"inner\":{\"gone\":null,\"fresh\":2}}", 5)),
        subscribe().changes);
    assertEquals(List.of(), subscribe().changes, "it knows everything");
    if (restart) {
      test.restart();
    }
    assertEquals(List.of(), subscribe().changes, "it still does");
    assertEquals(1, before.changes.size());
  }

  /** Also a version that changes nothing is one that the client may have to report. */
  @Test
  void aVersionThatChangesNothingIsToldAsWell() {
    subscribe();
    update("{\"a\":1}");
    test.restart();
    update("{\"a\":2}");
    update("{\"a\":1}");
    assertEquals(List.of(change("{}", 4)), subscribe().changes);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatWasNotAcceptedComesAgainAfterTheNextSubscription(boolean crash) {
    update("{\"a\":1}");
    Client before = new Client();
    ClientConnection connection = test.connect(before, DESIRED);
    assertEquals(List.of(change("{\"a\":1}", 2)), before.changes);
    if (crash) {
      test.crash();
    } else {
      connection.close();
      before.deliveries.get(0).complete(Delivery.Absent.INSTANCE);
    }
    assertEquals(List.of(change("{\"a\":1}", 2)), subscribe().changes);
  }

  @Test
  void whatWasRefusedIsNotRepeatedButPartOfTheNextChange() {
    Client client = new Client();
    test.connect(client, DESIRED);
    update("{\"a\":1}");
    client.deliveries.get(0).complete(new Delivery.Retry("not now"));
    test.threads.runAll();
    assertEquals(1, client.changes.size());
    update("{\"b\":2}");
    assertEquals(change("{\"a\":1,\"b\":2}", 3), client.changes.get(1));
  }

  @Test
  void changesThatComeWhileOneIsUnderWayAreGathered() {
    Client client = new Client();
    test.connect(client, DESIRED);
    update("{\"a\":1}");
    update("{\"b\":1,\"c\":1}");
    update("{\"b\":null,\"d\":1}");
    assertEquals(List.of(change("{\"a\":1}", 2)), client.changes);
    client.deliveries.get(0).complete(Delivery.Accepted.INSTANCE);
    test.threads.runAll();
    assertEquals(change("{\"c\":1,\"d\":1}", 4), client.changes.get(1));
    client.deliveries.get(1).complete(Delivery.Accepted.INSTANCE);
    test.threads.runAll();
    assertEquals(2, client.changes.size());
    update("{\"e\":1}");
    assertEquals(change("{\"e\":1}", 5), client.changes.get(2));
  }

  @Test
  void whoHasAskedForTheTwinIsNotToldTheSameAgain() {
    update("{\"a\":1}");
    ClientConnection connection = test.connect(THERMO, new Client());
    test.join(connection.twin());
    connection.close();
    test.restart();
    update("{\"b\":1}");
    assertEquals(List.of(change("{\"b\":1}", 3)), subscribe().changes);
  }

  @Test
  void whoAsksWhileAChangeIsUnderWayGetsNothingOlderAfterwards() {
    Client client = new Client();
    ClientConnection connection = test.connect(client, DESIRED);
    update("{\"a\":1}");
    update("{\"b\":1}");
    assertEquals(3, test.join(connection.twin()).desiredVersion());
    client.deliveries.get(0).complete(Delivery.Accepted.INSTANCE);
    test.threads.runAll();
    assertEquals(1, client.changes.size());
    test.restart();
    assertEquals(List.of(), subscribe().changes);
  }

  /** What the back end reads is not what the client knows. */
  @Test
  void theBackEndMayReadATwinWithoutItsClientMissingAnything() {
    update("{\"a\":1}");
    get(THERMO);
    assertEquals(1, subscribe().changes.size());
  }

  @Test
  void subscribingTwiceIsSubscribingOnceAndUnsubscribingEndsIt() {
    Client client = new Client().accepting();
    ClientConnection connection = test.connect(client, DESIRED);
    update("{\"a\":1}");
    connection.subscribe(DESIRED);
    test.threads.runAll();
    assertEquals(1, client.changes.size());
    connection.unsubscribe(DESIRED);
    update("{\"b\":1}");
    assertEquals(1, client.changes.size());
    connection.subscribe(DESIRED);
    test.threads.runAll();
    assertEquals(change("{\"b\":1}", 3), client.changes.get(1));
  }

  @Test
  void onlyTheNewestConnectionIsToldWhicheverIsHeardOfFirst() {
    Client before = new Client().accepting();
    ClientConnection old = test.connect(before, DESIRED);
    Client after = subscribe();
    old.subscribe(DESIRED);
    old.unsubscribe(DESIRED);
    old.close();
    update("{\"a\":1}");
    assertEquals(List.of(), before.changes);
    assertEquals(List.of(change("{\"a\":1}", 2)), after.changes);
  }

  /** Else it would be told for ever, or, worse, a difference to something that it does not have. */
  @Test
  void aClientWhoseKnowledgeCannotBeStoredIsToldNothingTwiceAndNothingWrong() {
    Client client = new Client();
    test.connect(client, DESIRED);
    update("{\"a\":1}");
    client.deliveries.get(0).complete(Delivery.Accepted.INSTANCE);
    test.store.refuse(StoreException.Kind.FULL);
    test.threads.runAll();
    test.store.refuse(null);
    assertEquals(1, client.changes.size());
    update("{\"a\":null}");
    assertEquals(change("{\"a\":null}", 3), client.changes.get(1));
    client.deliveries.get(1).complete(new Delivery.Retry("not now"));
    update("{\"b\":1}");
    // By what is stored it does not know "a".
    assertEquals(change("{\"a\":null,\"b\":1}", 4), client.changes.get(2));
    client.deliveries.get(2).complete(Delivery.Accepted.INSTANCE);
    test.restart();
    assertEquals(List.of(), subscribe().changes);
  }

  /**
   * A client that applies what it is told has what is desired whenever nothing is under way, and
   * gets each version once, in order, however often it is away, asks, refuses, or the hub restarts.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whoeverAppliesWhatItIsToldHasWhatIsDesired(long seed) {
    Random random = new Random(seed);
    RandomPatch patches = new RandomPatch(random);
    FlatDocument desired = new FlatDocument();
    FlatDocument known = new FlatDocument();
    long knownVersion = 1;
    Optional<Client> client = Optional.empty();
    Optional<ClientConnection> connection = Optional.empty();
    int taken = 0;
    for (int step = 0; step < 600; step++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          String patch = patches.next().toString();
          desired.apply(patch);
          update(patch);
        }
        case 3 -> {
          client = Optional.of(new Client());
          taken = 0;
          connection = Optional.of(test.connect(client.get(), DESIRED));
        }
        case 4 -> {
          connection.ifPresent(ClientConnection::close);
          client = Optional.empty();
          connection = Optional.empty();
          if (random.nextBoolean()) {
            test.restart();
          }
        }
        case 5 -> {
          if (connection.isPresent()) {
            Twin twin = test.join(connection.get().twin());
            known = FlatDocument.of(twin.desired());
            knownVersion = twin.desiredVersion();
          }
        }
        default -> {
          while (client.isPresent() && client.get().changes.size() > taken) {
            DesiredChange told = client.get().changes.get(taken);
            boolean late = told.version() <= knownVersion;
            boolean takes = late || random.nextInt(4) > 0;
            if (takes && !late) {
              known.apply(told.patch());
              knownVersion = told.version();
            }
            client
                .get()
                .deliveries
                .get(taken++)
                .complete(takes ? Delivery.Accepted.INSTANCE : new Delivery.Retry("not this time"));
            test.threads.runAll();
            if (!takes) {
              break;
            }
            if (client.get().changes.size() == taken) {
              assertEquals(desired, known, "step " + step);
            }
          }
        }
      }
      test.threads.runAll();
    }
    Client last = new Client().accepting();
    test.connect(last, DESIRED);
    for (DesiredChange told : last.changes) {
      assertTrue(told.version() > knownVersion);
      known.apply(told.patch());
    }
    assertEquals(desired, known);
    assertTrue(last.changes.size() <= 1, "one change for all that was missed");
  }
}
