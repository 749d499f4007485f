package io.gantry.hub.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.hub.identity.StoredIdentities;
import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.Authority;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.AuthenticationMethod.Thumbprints;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry.Key;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authentication.Accepted;
import io.gantry.spi.security.Authentication.Refused;
import io.gantry.spi.security.Credentials;
import io.gantry.spi.security.SasToken;
import io.gantry.testkit.security.FakeCertificates;
import io.gantry.testkit.security.FakeVault;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryExaminerTest {

  private static final String HUB = "hub1.azure-devices.net";
  private static final String KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
  private static final String SECOND = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
  private static final String OTHER = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  private static final Instant EXPIRY = Instant.ofEpochSecond(1893456000);

  private static final Identity DEV1 = new DeviceIdentity("dev1");
  private static final Identity READER = new ModuleIdentity("dev1", "reader");
  private static final Identity EDGE_HUB = new ModuleIdentity("dev1", "$edgeHub");
  private static final Identity THERMO = new DeviceIdentity("thermo1");

  private final ManualTime time = new ManualTime();
  private final ManualThreads threads = new ManualThreads();
  private final FakeCertificates certificates = new FakeCertificates();
  private final StoredIdentities identities =
      new StoredIdentities(
          "gateway",
          new FakeStore().table("identities"),
          new FakeVault(),
          threads.serial("identities"),
          time);
  private final RegistryExaminer examiner =
      new RegistryExaminer("gateway", HUB, identities, certificates, time);

  @BeforeEach
  void register() {
    for (Identity identity : List.of(DEV1, READER, EDGE_HUB)) {
      create(identity, new SasKeys(KEY, SECOND));
    }
  }

  private void create(Identity identity, AuthenticationMethod method) {
    var created = identities.create(identity, Optional.of(method)).toCompletableFuture();
    threads.runAll();
    created.join();
  }

  private Authentication examine(Identity claimed, String token) {
    return examiner
        .examine(claimed, new Credentials.Token(token))
        .toCompletableFuture()
        .getNow(null);
  }

  private void assertAccepted(Identity claimed, String token) {
    assertEquals(new Accepted(EXPIRY.plus(Duration.ofMinutes(5))), examine(claimed, token), token);
  }

  private Refused assertRefused(Identity claimed, String token) {
    Refused refused = assertInstanceOf(Refused.class, examine(claimed, token));
    assertFalse(refused.temporary());
    return refused;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  /** Signs over the text of {@code sr} as it stands, with nothing of our own. */
  private static String token(String sr, String key) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(Base64.getDecoder().decode(key), "HmacSHA256"));
    byte[] signature = mac.doFinal((sr + "\n" + EXPIRY.getEpochSecond()).getBytes(UTF_8));
    return "SharedAccessSignature sr="
        + sr
        + "&sig="
        + encoded(Base64.getEncoder().encodeToString(signature))
        + "&se="
        + EXPIRY.getEpochSecond();
  }

  // ---- tokens

  @ParameterizedTest
  @CsvSource({
    "dev1, hub1.azure-devices.net%2Fdevices%2Fdev1, KwSdZzoREBvWgmiO4eBNTYxoDmLvjbB0ctBmhcMhskw=",
    "dev1/reader, hub1.azure-devices.net%2Fdevices%2Fdev1%2Fmodules%2Freader,"
        + " 9zCZDz95uv9vpMvy0yG0apZSPiDdi3dAKcw5+RCnUq4=",
    "dev1/$edgeHub, hub1.azure-devices.net%2Fdevices%2Fdev1%2Fmodules%2F%2524edgeHub,"
        + " g244WZi1wxD344RyMsr7FLUZWIeeImR+oHTcajIwzHE="
  })
  void theTokensOfIotHubAreTaken(String id, String sr, String signature) {
    String[] parts = id.split("/");
    Identity identity =
        parts.length == 1 ? new DeviceIdentity(id) : new ModuleIdentity(parts[0], parts[1]);
    String fields = "sr=" + sr + "&sig=" + encoded(signature) + "&se=1893456000";
    assertAccepted(identity, "SharedAccessSignature " + fields);
    assertAccepted(identity, "SharedAccessSignature " + fields + "&skn=");
  }

  /** The SDK for Java encodes each segment by itself, that for Node the whole. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "hub1.azure-devices.net/devices/dev1/modules/%24edgeHub",
        "hub1.azure-devices.net%2Fdevices%2Fdev1%2Fmodules%2F%2524edgeHub",
        "hub1.azure-devices.net%2fdevices%2fdev1%2fmodules%2f%2524edgeHub",
        "HUB1.Azure-Devices.NET%2Fdevices%2Fdev1%2Fmodules%2F%2524edgeHub",
        "hub1.azure-devices.net/devices/DEV1/modules/%24edgehub"
      })
  void theSignatureIsOverTheResourceAsItWasWritten(String sr) throws Exception {
    assertAccepted(EDGE_HUB, token(sr, KEY));
    assertRefused(EDGE_HUB, token(sr, KEY).replace("24edge", "24Edge"));
  }

  @Test
  void eitherKeyWillDoAndNoOther() throws Exception {
    String sr = HUB + "/devices/dev1";
    assertAccepted(DEV1, token(sr, KEY));
    assertAccepted(DEV1, token(sr, SECOND));
    Refused refused = assertRefused(DEV1, token(sr, OTHER));
    assertEquals("token: it is signed with neither of the keys", refused.text());
  }

  @Test
  void aTokenForAnotherExpiryOrResourceThanItsSignatureIsWorthNothing() throws Exception {
    String token = token(HUB + "/devices/dev1", KEY);
    assertRefused(DEV1, token.replace("se=1893456000", "se=1893456001"));
    assertRefused(READER, token.replace("/dev1", "/dev1/modules/reader"));
  }

  @Test
  void aTokenIsGoodForTheIdentityThatItNamesOnly() throws Exception {
    create(new DeviceIdentity("dev2"), new SasKeys(KEY, SECOND));
    String ofDevice = token(HUB + "/devices/dev1", KEY);
    String ofModule = token(HUB + "/devices/dev1/modules/reader", KEY);
    assertRefused(new DeviceIdentity("dev2"), ofDevice);
    assertRefused(READER, ofDevice);
    assertRefused(DEV1, ofModule);
    assertRefused(EDGE_HUB, ofModule);
    assertRefused(DEV1, token(HUB, KEY));
  }

  /** Ids are compared exactly where it counts: in the registry. */
  @Test
  void anIdentityOfAnotherCaseIsAnotherIdentity() throws Exception {
    assertRefused(new DeviceIdentity("DEV1"), token(HUB + "/devices/DEV1", KEY));
    assertAccepted(DEV1, token(HUB + "/devices/DEV1", KEY));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"hub1.azure-devices.net", "HUB1.azure-devices.net", "LocalHost", "127.0.0.1"})
  void tokensForTheHubAndForTheNamesOfTheGatewayAreTaken(String host) throws Exception {
    assertAccepted(DEV1, token(host + "/devices/dev1", KEY));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hub2.azure-devices.net", "azure-devices.net", "hub1", "", "localhost."})
  void tokensForAnotherHubAreNot(String host) throws Exception {
    Refused refused = assertRefused(DEV1, token(host + "/devices/dev1", KEY));
    assertTrue(refused.text().contains("another host"), refused.text());
  }

  @Test
  void aTokenIsTakenForFiveMinutesAfterItsExpiry() throws Exception {
    String token = token(HUB + "/devices/dev1", KEY);
    time.set(EXPIRY.plusSeconds(300));
    assertAccepted(DEV1, token);
    time.set(EXPIRY.plusSeconds(300).plusMillis(1));
    assertEquals(
        "token: it has expired at 2030-01-01T00:00:00Z", assertRefused(DEV1, token).text());
  }

  @Test
  void aTokenMayBeGoodForEver() {
    Instant never = Instant.ofEpochSecond(Instant.MAX.getEpochSecond());
    assertEquals(new Accepted(Instant.MAX), examine(DEV1, SasToken.sign(HUB, DEV1, KEY, never)));
  }

  @Test
  void whatIsNoTokenIsRefusedHoweverLong() throws Exception {
    assertRefused(DEV1, "");
    assertRefused(DEV1, "SharedAccessSignature ");
    assertRefused(DEV1, "SharedAccessSignature sr=" + "x".repeat(10_000));
    assertRefused(DEV1, token(HUB + "/devices/dev1", KEY).replace("&sig=", "&sig=!"));
    assertRefused(DEV1, token(HUB + "/devices/dev1", KEY) + "&se=1893456000");
  }

  @Test
  void nobodyGetsInWithTheNameOfAnIdentityThatIsNotThere() throws Exception {
    Refused refused =
        assertRefused(new DeviceIdentity("nobody"), token(HUB + "/devices/nobody", KEY));
    assertTrue(refused.text().contains("no such identity"), refused.text());
  }

  @Test
  void noRefusalTellsAnythingOfTheToken() throws Exception {
    String token = token(HUB + "/devices/dev1", OTHER);
    String signature = token.substring(token.indexOf("sig=") + 4, token.indexOf("&se"));
    assertFalse(assertRefused(DEV1, token).text().contains(signature));
    assertFalse(assertRefused(DEV1, token + "&x").text().contains(signature));
  }

  @Test
  void aKeyThatWasReplacedIsWorthNothing() throws Exception {
    identities.regenerateKey(DEV1, Key.PRIMARY);
    threads.runAll();
    assertRefused(DEV1, token(HUB + "/devices/dev1", KEY));
    assertAccepted(DEV1, token(HUB + "/devices/dev1", SECOND));
  }

  @Test
  void whoIsDisabledOrWhoseDeviceIsIsNotLetInWithAGoodToken() throws Exception {
    String device = token(HUB + "/devices/dev1", KEY);
    String module = token(HUB + "/devices/dev1/modules/reader", KEY);
    identities.setEnabled(DEV1, false);
    threads.runAll();
    assertEquals("it is disabled", assertRefused(DEV1, device).text());
    assertEquals("its device is disabled", assertRefused(READER, module).text());
    identities.setEnabled(DEV1, true);
    threads.runAll();
    assertAccepted(DEV1, device);
    assertAccepted(READER, module);
  }

  // ---- certificates

  private Authentication show(Identity claimed, List<X509Certificate> chain) {
    return examiner
        .examine(claimed, new Credentials.Certificate(chain))
        .toCompletableFuture()
        .getNow(null);
  }

  private String refusal(Identity claimed, List<X509Certificate> chain) {
    Refused refused = assertInstanceOf(Refused.class, show(claimed, chain));
    assertFalse(refused.temporary());
    return refused.text();
  }

  private X509Certificate leaf() {
    return certificates.deviceChain().get(0);
  }

  private String thumbprint(String algorithm) throws Exception {
    byte[] digest = MessageDigest.getInstance(algorithm).digest(leaf().getEncoded());
    return HexFormat.of().formatHex(digest);
  }

  private void withinDates() {
    time.set(leaf().getNotBefore().toInstant().plusSeconds(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SHA-1", "SHA-256"})
  void aCertificateIsKnownByEitherOfItsThumbprints(String algorithm) throws Exception {
    withinDates();
    String other = "0".repeat(40);
    Accepted accepted = new Accepted(leaf().getNotAfter().toInstant());
    create(THERMO, new Thumbprints(thumbprint(algorithm), Optional.empty()));
    assertEquals(accepted, show(THERMO, certificates.deviceChain()));
    create(new DeviceIdentity("d2"), new Thumbprints(other, Optional.of(thumbprint(algorithm))));
    assertEquals(accepted, show(new DeviceIdentity("d2"), List.of(leaf())));
    create(new DeviceIdentity("d3"), new Thumbprints(other, Optional.of("0".repeat(64))));
    assertEquals(
        "its certificate has neither of the thumbprints",
        refusal(new DeviceIdentity("d3"), certificates.deviceChain()));
  }

  @Test
  void aCertificateIsGoodWithinItsDatesByTheClockOfTheGateway() throws Exception {
    create(THERMO, new Thumbprints(thumbprint("SHA-256"), Optional.empty()));
    create(new DeviceIdentity("ca"), new Authority());
    Instant from = leaf().getNotBefore().toInstant();
    Instant until = leaf().getNotAfter().toInstant();
    for (Instant outside : List.of(from.minusSeconds(1), until.plusSeconds(1))) {
      time.set(outside);
      assertTrue(refusal(THERMO, List.of(leaf())).startsWith("its certificate is good from"));
      assertTrue(
          refusal(new DeviceIdentity("ca"), List.of(leaf()))
              .startsWith("its certificate is good from"));
    }
    for (Instant inside : List.of(from, until)) {
      time.set(inside);
      assertEquals(new Accepted(until), show(THERMO, List.of(leaf())));
    }
  }

  @Test
  void aCertificateOfATrustedAuthorityIsGoodForTheDeviceWhoseNameItBears() {
    withinDates();
    create(THERMO, new Authority());
    create(new DeviceIdentity("Thermo1"), new Authority());
    create(new DeviceIdentity("localhost"), new Authority());
    assertEquals(
        new Accepted(leaf().getNotAfter().toInstant()), show(THERMO, certificates.deviceChain()));
    assertEquals(
        "the common name of its certificate is not the device id",
        refusal(new DeviceIdentity("Thermo1"), certificates.deviceChain()));
    assertEquals(
        "its certificate comes from no authority that is trusted",
        refusal(THERMO, List.of(leaf())));
  }

  @Test
  void aCertificateInSeveralNamesIsInNobodys() {
    assertEquals(Optional.of("a,b"), CertificateRule.commonName("O=x,CN=a\\,b,C=DE"));
    assertEquals(Optional.empty(), CertificateRule.commonName("CN=thermo1,CN=thermo2"));
    assertEquals(Optional.empty(), CertificateRule.commonName("O=thermo1"));
    assertEquals(Optional.empty(), CertificateRule.commonName("CN=#0403010203"));
    assertEquals(Optional.empty(), CertificateRule.commonName("CN"));
  }

  @Test
  void modulesAndStrangersAndThoseWithKeysDoNotGetInWithCertificates() {
    withinDates();
    List<X509Certificate> chain = certificates.deviceChain();
    create(THERMO, new SasKeys(KEY, SECOND));
    create(new ModuleIdentity("thermo1", "m"), new SasKeys(KEY, SECOND));
    assertEquals(
        "only devices prove themselves with certificates",
        refusal(new ModuleIdentity("thermo1", "m"), chain));
    assertEquals("there is no such identity", refusal(new DeviceIdentity("nobody"), chain));
    assertTrue(refusal(THERMO, chain).contains("proves itself with tokens"));
    assertEquals("it has shown no certificate", refusal(THERMO, List.of()));
  }

  @Test
  void whoHasACertificateDoesNotGetInWithATokenOfWhateverKey() throws Exception {
    create(THERMO, new Authority());
    assertRefused(THERMO, token(HUB + "/devices/thermo1", KEY));
  }

  @Test
  void whoIsDisabledIsNotLetInWithAGoodCertificate() {
    withinDates();
    create(THERMO, new Authority());
    identities.setEnabled(THERMO, false);
    threads.runAll();
    assertEquals("it is disabled", refusal(THERMO, certificates.deviceChain()));
  }
}
