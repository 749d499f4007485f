package io.gantry.hub.identity;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.Authority;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.AuthenticationMethod.Thumbprints;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityException;
import io.gantry.spi.identity.IdentityException.Kind;
import io.gantry.spi.identity.IdentityRegistry.Key;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.identity.RegisteredIdentity;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.Table;
import io.gantry.testkit.security.FakeVault;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredIdentitiesTest {

  private static final Identity THERMO = new DeviceIdentity("thermo1");
  private static final Identity PUMP = new ModuleIdentity("thermo1", "pump");
  private static final Identity FILTER = new ModuleIdentity("gateway", "filter");
  private static final Identity SENSOR = new ModuleIdentity("gateway", "sensor");
  private static final String SHA_1 = "CF8FF52A5B83F71FE272C57060AFE78EC06A656F";
  private static final String SHA_256 =
      "72D1B2903A15F98A2A523D2E76A95FF124549D85059772FAA12F64A7EC30CA14";

  private final FakeStore store = new FakeStore();
  private final ManualTime time = new ManualTime();
  private final List<String> told = new ArrayList<>();
  private ManualThreads threads = new ManualThreads();
  private StoredIdentities identities = open();

  private StoredIdentities open() {
    threads = new ManualThreads();
    StoredIdentities opened =
        new StoredIdentities(
            "gateway", table(), new FakeVault(), threads.serial("identities"), time);
    opened.onRevoked(identity -> told.add("revoked " + identity));
    opened.onDeleted(identity -> told.add("deleted " + identity));
    return opened;
  }

  private Table table() {
    return store.table("identities");
  }

  private void restart() {
    identities.close();
    identities = open();
  }

  private <T> T join(CompletionStage<T> stage) {
    threads.runAll();
    CompletableFuture<T> future = stage.toCompletableFuture();
    assertTrue(future.isDone(), "is answered");
    return future.join();
  }

  private RegisteredIdentity create(Identity identity) {
    return join(identities.create(identity, Optional.empty()));
  }

  private RegisteredIdentity create(Identity identity, AuthenticationMethod method) {
    return join(identities.create(identity, Optional.of(method)));
  }

  private Throwable failure(CompletionStage<?> stage) {
    threads.runAll();
    CompletableFuture<?> future = stage.toCompletableFuture();
    assertTrue(future.isDone(), "is answered");
    return assertThrows(ExecutionException.class, future::get).getCause();
  }

  private IdentityException refused(Kind kind, CompletionStage<?> stage) {
    IdentityException refused = assertInstanceOf(IdentityException.class, failure(stage));
    assertEquals(kind, refused.kind(), refused.getMessage());
    return refused;
  }

  private static SasKeys keys(RegisteredIdentity row) {
    return (SasKeys) row.method();
  }

  private List<String> ids() {
    return identities.list().stream().map(row -> row.identity().id()).toList();
  }

  // ---- creating

  @Test
  void aNewIdentityIsEnabledAndHasTwoKeysOf32BytesThatAreItsOwn() {
    RegisteredIdentity first = create(THERMO);
    RegisteredIdentity second = create(PUMP);
    assertTrue(first.enabled());
    assertFalse(first.declared());
    assertEquals(time.instant(), first.created());
    assertEquals(Optional.of(first), identities.find(THERMO));
    assertEquals(
        4,
        Set.of(
                keys(first).primary(),
                keys(first).secondary(),
                keys(second).primary(),
                keys(second).secondary())
            .size());
    assertEquals(32, Base64.getDecoder().decode(keys(first).primary()).length);
    assertEquals(32, Base64.getDecoder().decode(keys(first).secondary()).length);
  }

  @Test
  void anIdentityCreatedAgainIsAnotherOne() {
    String former = create(THERMO).generationId();
    join(identities.delete(THERMO));
    assertNotEquals(former, create(THERMO).generationId());
  }

  @Test
  void whatIsThereIsNotCreatedAgainAndNamesDifferByCase() {
    create(THERMO);
    refused(Kind.EXISTS, identities.create(THERMO, Optional.empty()));
    create(new DeviceIdentity("Thermo1"));
    assertEquals(List.of("Thermo1", "thermo1"), ids());
  }

  @Test
  void aModuleNeedsItsDeviceAndTheGatewaysOwnIsAlwaysThere() {
    IdentityException refused = refused(Kind.NOT_FOUND, identities.create(PUMP, Optional.empty()));
    assertEquals(
        "Creating identity thermo1/pump: there is no device thermo1", refused.getMessage());
    create(FILTER);
    create(THERMO);
    create(PUMP);
    assertEquals(List.of("gateway/filter", "thermo1", "thermo1/pump"), ids());
  }

  /** A tool that creates both does not wait in between. */
  @Test
  void whatIsAskedForOneAfterAnotherIsDoneInThatOrder() {
    store.hold();
    CompletionStage<?> device = identities.create(THERMO, Optional.empty());
    CompletionStage<?> module = identities.create(PUMP, Optional.empty());
    CompletionStage<RegisteredIdentity> off = identities.setEnabled(PUMP, false);
    CompletionStage<RegisteredIdentity> on = identities.setEnabled(PUMP, true);
    for (int i = 0; i < 4; i++) {
      threads.runAll();
      assertEquals(1, store.held(), "each waits for the one before");
      store.release();
      store.hold();
    }
    store.release();
    join(device);
    join(module);
    assertFalse(join(off).enabled());
    assertTrue(join(on).enabled());
    assertTrue(identities.find(PUMP).orElseThrow().enabled());
  }

  @Test
  void differentDevicesDoNotWaitForEachOther() {
    store.hold();
    CompletionStage<?> one = identities.create(THERMO, Optional.empty());
    CompletionStage<?> other = identities.create(new DeviceIdentity("d2"), Optional.empty());
    threads.runAll();
    assertEquals(2, store.held());
    store.release();
    join(one);
    join(other);
  }

  @Test
  void nothingCountsBeforeItIsDurable() {
    store.hold();
    CompletableFuture<?> made = identities.create(THERMO, Optional.empty()).toCompletableFuture();
    threads.runAll();
    assertFalse(made.isDone());
    assertEquals(Optional.empty(), identities.find(THERMO));
    store.release();
    join(made);
    assertTrue(identities.find(THERMO).isPresent());
  }

  @Test
  void whatCannotBeStoredHasNotHappenedAndMayBeTriedAgain() {
    store.refuse(StoreException.Kind.FULL);
    assertInstanceOf(StoreException.class, failure(identities.create(THERMO, Optional.empty())));
    assertEquals(List.of(), ids());
    store.refuse(null);
    create(THERMO);
    store.refuse(StoreException.Kind.BROKEN);
    failure(identities.delete(THERMO));
    failure(identities.regenerateKey(THERMO, Key.PRIMARY));
    store.refuse(null);
    assertEquals(List.of("thermo1"), ids());
    assertEquals(List.of(), told);
  }

  @Test
  void thereAreAtMostTenThousand() {
    for (int i = 0; i < StoredIdentities.MOST; i++) {
      identities.create(new DeviceIdentity("d" + i), Optional.of(new Authority()));
    }
    // The bound holds also while none of them is stored yet.
    refused(Kind.FULL, identities.create(THERMO, Optional.empty()));
    assertEquals(StoredIdentities.MOST, identities.list().size());
    join(identities.delete(new DeviceIdentity("d1")));
    create(THERMO);
    refused(Kind.FULL, identities.create(PUMP, Optional.empty()));
  }

  @Test
  void theBoundHoldsWhileNoneIsStoredYet() {
    store.hold();
    for (int i = 0; i <= StoredIdentities.MOST; i++) {
      identities.create(new DeviceIdentity("d" + i), Optional.of(new Authority()));
    }
    threads.runAll();
    assertEquals(StoredIdentities.MOST, store.held());
  }

  // ---- how it proves itself

  @Test
  void keysThatAreGivenAreKept() {
    SasKeys given =
        new SasKeys("MDEyMzQ1Njc4OWFiY2RlZg==", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    assertEquals(given, create(THERMO, given).method());
  }

  @Test
  void keysMustBeBase64Of16To64Bytes() {
    String good = Base64.getEncoder().encodeToString(new byte[64]);
    for (String bad :
        List.of(
            "",
            "not base64!",
            Base64.getEncoder().encodeToString(new byte[15]),
            Base64.getEncoder().encodeToString(new byte[65]))) {
      IdentityException primary =
          refused(Kind.INVALID, identities.create(THERMO, Optional.of(new SasKeys(bad, good))));
      refused(Kind.INVALID, identities.create(THERMO, Optional.of(new SasKeys(good, bad))));
      assertTrue(bad.isEmpty() || !primary.getMessage().contains(bad), "no key in the text");
    }
    create(THERMO, new SasKeys(good, good));
  }

  @Test
  void thumbprintsAreKeptAsOneFormWhateverTheToolThatPrintedThem() {
    String printed = "cf:8f:f5:2a:5b:83:f7:1f:e2:72 C5:70:60:AF:E7:8E:C0:6A:65:6F\n";
    assertEquals(
        new Thumbprints(SHA_1, Optional.of(SHA_256)),
        create(THERMO, new Thumbprints(printed, Optional.of(SHA_256.toLowerCase(Locale.ROOT))))
            .method());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "AB", "CF8FF52A5B83F71FE272C57060AFE78EC06A656G"})
  void whatIsNoThumbprintIsRefused(String bad) {
    refused(
        Kind.INVALID,
        identities.create(THERMO, Optional.of(new Thumbprints(bad, Optional.empty()))));
    refused(
        Kind.INVALID,
        identities.create(THERMO, Optional.of(new Thumbprints(SHA_1, Optional.of(bad)))));
  }

  @Test
  void modulesProveThemselvesWithKeysOnly() {
    refused(Kind.INVALID, identities.create(FILTER, Optional.of(new Authority())));
    refused(
        Kind.INVALID,
        identities.create(FILTER, Optional.of(new Thumbprints(SHA_1, Optional.empty()))));
  }

  @Test
  void oneKeyIsReplacedAndTheOtherStays() {
    SasKeys former = keys(create(THERMO));
    String generation = identities.find(THERMO).orElseThrow().generationId();
    SasKeys second = keys(join(identities.regenerateKey(THERMO, Key.PRIMARY)));
    assertNotEquals(former.primary(), second.primary());
    assertEquals(former.secondary(), second.secondary());
    RegisteredIdentity third = join(identities.regenerateKey(THERMO, Key.SECONDARY));
    assertEquals(second.primary(), keys(third).primary());
    assertNotEquals(second.secondary(), keys(third).secondary());
    assertEquals(generation, third.generationId());
    assertEquals(List.of("revoked thermo1", "revoked thermo1"), told);
  }

  @Test
  void whoHasNoKeysGetsNone() {
    create(THERMO, new Authority());
    refused(Kind.INVALID, identities.regenerateKey(THERMO, Key.PRIMARY));
  }

  @Test
  void whatIsNotThereCannotBeChanged() {
    refused(Kind.NOT_FOUND, identities.setEnabled(THERMO, true));
    refused(Kind.NOT_FOUND, identities.setEnabled(THERMO, false));
    refused(Kind.NOT_FOUND, identities.regenerateKey(THERMO, Key.PRIMARY));
    refused(Kind.NOT_FOUND, identities.delete(THERMO));
  }

  // ---- what is told

  @Test
  void disablingTellsOfTheIdentityAndOfTheModulesBelowItAndOnlyWhenItChanges() {
    create(THERMO);
    create(PUMP);
    create(FILTER);
    join(identities.setEnabled(THERMO, false));
    join(identities.setEnabled(THERMO, false));
    join(identities.setEnabled(THERMO, true));
    assertEquals(List.of("revoked thermo1", "revoked thermo1/pump"), told);
    assertTrue(identities.find(PUMP).orElseThrow().enabled(), "it goes on when its device does");
  }

  @Test
  void deletingADeviceDeletesItsModulesFirst() {
    create(THERMO);
    create(PUMP);
    create(new DeviceIdentity("thermo10"));
    join(identities.delete(THERMO));
    assertEquals(List.of("thermo10"), ids());
    assertEquals(
        List.of(
            "revoked thermo1/pump", "deleted thermo1/pump", "revoked thermo1", "deleted thermo1"),
        told);
    assertEquals(Set.of("thermo10"), table().keys());
  }

  /** Somebody may log in as the gateway; its modules do not depend on that. */
  @Test
  void theModulesOfTheGatewayStayWhenTheLoginOfTheGatewayGoes() {
    create(new DeviceIdentity("gateway"));
    create(FILTER);
    join(identities.setEnabled(new DeviceIdentity("gateway"), false));
    assertEquals(Optional.empty(), new Obstacles("gateway", identities).obstacle(FILTER));
    join(identities.delete(new DeviceIdentity("gateway")));
    assertEquals(List.of("gateway/filter"), ids());
  }

  @Test
  void oneWhoFailsOnBeingToldKeepsItFromNobodyAndIsNoFailureOfTheChange() {
    identities.onDeleted(
        identity -> {
          throw new IllegalStateException("thrown by the test");
        });
    List<Identity> later = new ArrayList<>();
    identities.onDeleted(later::add);
    create(THERMO);
    join(identities.delete(THERMO));
    assertEquals(List.of(THERMO), later);
  }

  @Test
  void whoListensNoMoreIsToldNothing() {
    List<Identity> heard = new ArrayList<>();
    var listening = identities.onRevoked(heard::add);
    create(THERMO);
    listening.cancel();
    join(identities.delete(THERMO));
    assertEquals(List.of(), heard);
  }

  // ---- on disk

  @Test
  void aRestartFindsAllAsTheyWere() {
    create(THERMO, new Thumbprints(SHA_1, Optional.of(SHA_256)));
    create(PUMP);
    create(FILTER);
    time.advance(Duration.ofHours(1));
    create(new DeviceIdentity("ca"), new Authority());
    create(new DeviceIdentity("one"), new Thumbprints(SHA_256, Optional.empty()));
    join(identities.setEnabled(PUMP, false));
    join(identities.declare(Set.of("sensor")));
    List<RegisteredIdentity> before = identities.list();
    restart();
    assertEquals(before, identities.list());
    assertTrue(identities.find(SENSOR).orElseThrow().declared());
  }

  @Test
  void noKeyCanBeReadOnDiskAndNoRowTakesThePlaceOfAnother() {
    SasKeys keys = keys(create(THERMO));
    create(new DeviceIdentity("d2"));
    byte[] row = table().get("thermo1").orElseThrow();
    String bytes = new String(row, ISO_8859_1);
    assertFalse(bytes.contains(keys.primary()));
    assertFalse(bytes.contains(keys.secondary()));
    assertFalse(bytes.contains("sas"));

    join(table().put("d2", row));
    restart();
    assertEquals(List.of("thermo1"), ids());
  }

  @Test
  void aDamagedRowIsNotThereTheOthersLiveOnAndItMayBeCreatedAgain() {
    create(THERMO);
    create(PUMP);
    create(FILTER);
    join(table().put("thermo1", new byte[] {1, 2, 3}));
    join(
        table()
            .put(
                "gateway/bad//id",
                new FakeVault().seal("identity/gateway/bad//id", "{".getBytes(ISO_8859_1))));
    join(table().put("null", new FakeVault().seal("identity/null", "{}".getBytes(ISO_8859_1))));
    restart();
    assertEquals(List.of("gateway/filter", "thermo1/pump"), ids());
    assertEquals(
        Optional.of("its device is not registered"),
        new Obstacles("gateway", identities).obstacle(PUMP));
    create(THERMO);
    assertEquals(Optional.empty(), new Obstacles("gateway", identities).obstacle(PUMP));
    restart();
    assertEquals(List.of("gateway/filter", "thermo1", "thermo1/pump"), ids());
  }

  @Test
  void whoeverWaitsWhenTheRegistryIsClosedIsAnswered() {
    store.hold();
    CompletableFuture<?> stuck = identities.create(THERMO, Optional.empty()).toCompletableFuture();
    CompletableFuture<?> waiting = identities.create(PUMP, Optional.empty()).toCompletableFuture();
    threads.runAll();
    identities.close();
    CompletableFuture<?> late = identities.delete(THERMO).toCompletableFuture();
    store.release();
    for (CompletableFuture<?> each : List.of(stuck, waiting, late)) {
      assertInstanceOf(StoreException.class, failure(each));
    }
    identities = open();
    assertEquals(List.of("thermo1"), ids(), "what the disk has done is done");
  }

  // ---- the modules of the deployment

  @Test
  void theModulesOfTheDeploymentComeAndGoWithIt() {
    join(identities.declare(Set.of("filter", "sensor")));
    assertEquals(List.of("gateway/filter", "gateway/sensor"), ids());
    RegisteredIdentity filter = identities.find(FILTER).orElseThrow();
    assertTrue(filter.declared());
    assertInstanceOf(SasKeys.class, filter.method());

    join(identities.declare(Set.of("filter")));
    assertEquals(List.of("gateway/filter"), ids());
    assertEquals(Optional.of(filter), identities.find(FILTER), "it keeps its keys");
    assertEquals(List.of("revoked gateway/sensor", "deleted gateway/sensor"), told);
    join(identities.declare(Set.of()));
    assertEquals(List.of(), ids());
  }

  @Test
  void whatAnOperatorHadCreatedStaysTheOperators() {
    RegisteredIdentity mine = create(FILTER);
    create(THERMO);
    create(PUMP);
    join(identities.declare(Set.of("filter", "sensor")));
    assertEquals(Optional.of(mine), identities.find(FILTER));
    join(identities.declare(Set.of()));
    assertEquals(List.of("gateway/filter", "thermo1", "thermo1/pump"), ids());
  }

  @Test
  void whatAnOperatorCreatesInThePlaceOfADeclaredOneMeanwhileIsTheOperators() {
    join(identities.declare(Set.of("filter")));
    store.hold();
    CompletionStage<?> deleted = identities.delete(FILTER);
    CompletionStage<?> created = identities.create(FILTER, Optional.empty());
    CompletionStage<?> declared = identities.declare(Set.of());
    threads.runAll();
    store.release();
    join(deleted);
    join(created);
    join(declared);
    assertFalse(identities.find(FILTER).orElseThrow().declared());
  }

  @Test
  void whatAnOperatorDisabledOrGaveNewKeysStillGoesWithTheDeployment() {
    join(identities.declare(Set.of("filter")));
    join(identities.setEnabled(FILTER, false));
    join(identities.regenerateKey(FILTER, Key.PRIMARY));
    restart();
    join(identities.declare(Set.of("filter")));
    assertFalse(identities.find(FILTER).orElseThrow().enabled());
    join(identities.declare(Set.of()));
    assertEquals(List.of(), ids());
  }

  @Test
  void declarationsAreDoneOneAfterAnother() {
    CompletionStage<?> first = identities.declare(Set.of("filter", "sensor"));
    CompletionStage<?> second = identities.declare(Set.of("sensor"));
    join(first);
    join(second);
    assertEquals(List.of("gateway/sensor"), ids());
  }

  @Test
  void declarationsThatCannotBeFulfilledFail() {
    refused(Kind.INVALID, identities.declare(Set.of("no/slash")));
    store.refuse(StoreException.Kind.FULL);
    assertInstanceOf(StoreException.class, failure(identities.declare(Set.of("filter"))));
    store.refuse(null);
    join(identities.declare(Set.of("filter")));
    assertEquals(List.of("gateway/filter"), ids());
  }

  /** A gateway that gets another name keeps no modules of the former one. */
  @Test
  void modulesDeclaredUnderAFormerNameOfTheGatewayGo() {
    join(identities.declare(Set.of("filter")));
    identities.close();
    threads = new ManualThreads();
    identities =
        new StoredIdentities(
            "gateway2", table(), new FakeVault(), threads.serial("identities"), time);
    join(identities.declare(Set.of("filter")));
    assertEquals(List.of("gateway2/filter"), ids());
  }
}
