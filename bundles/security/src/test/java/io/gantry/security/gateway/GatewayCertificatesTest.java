package io.gantry.security.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.security.Made;
import io.gantry.security.name.HostNames;
import io.gantry.security.pem.ServerKey;
import io.gantry.security.source.GivenKeys;
import io.gantry.security.source.KeySource;
import io.gantry.security.source.OwnKeys;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With real handshakes; the clients' clock is that of the machine, so ours begins there. */
class GatewayCertificatesTest {

  private static final HostNames NAMES = HostNames.of("gateway1.plant", List.of("10.0.0.5"));

  @TempDir private Path temporary;
  private final ManualTime time = new ManualTime();
  private final ManualThreads threads = new ManualThreads();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private Path folder;

  @BeforeEach
  void setUp() {
    folder = temporary.resolve("security");
    time.set(Instant.now());
  }

  @AfterEach
  void tearDown() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private GatewayCertificates own(Path... clientAuthorities) throws IOException {
    return open(new OwnKeys(folder, NAMES, time), clientAuthorities);
  }

  private GatewayCertificates given(Path certificate, Path key) throws IOException {
    return open(new GivenKeys(certificate, key, NAMES, time));
  }

  private GatewayCertificates open(KeySource source, Path... clientAuthorities) throws IOException {
    GatewayCertificates certificates =
        new GatewayCertificates(
            NAMES, source, List.of(clientAuthorities), time, time, threads.serial("certificates"));
    certificates.start();
    opened.add(certificates);
    return certificates;
  }

  private EchoServer serve(GatewayCertificates certificates) throws IOException {
    EchoServer server = new EchoServer(certificates.serverContext());
    opened.add(server);
    return server;
  }

  private static TlsClient.Setup client(GatewayCertificates certificates) {
    return TlsClient.trusting(certificates.authority().orElseThrow());
  }

  /** A day at a time, as the watch does not run while the test moves the clock. */
  private void pass(int days) {
    for (int day = 0; day < days; day++) {
      time.advance(Duration.ofDays(1));
      threads.runAll();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientOfOneVersionOnlyGetsIn(String version) throws Exception {
    GatewayCertificates certificates = own();
    EchoServer server = serve(certificates);

    try (TlsClient client = client(certificates).protocols(version).connect(server.port())) {
      assertEquals(version, client.protocol());
      assertEquals(certificates.chain().get(0), client.server());
    }
    assertEquals(List.of(), server.shown(), "no client certificate is needed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void theNameThatAClientAsksForDoesNotMatter(String version) throws Exception {
    GatewayCertificates certificates = own();
    int port = serve(certificates).port();
    TlsClient.Setup silent = client(certificates).protocols(version);
    for (TlsClient.Setup setup :
        List.of(silent, silent.askingFor("gateway1.plant"), silent.askingFor("hub.example"))) {
      try (TlsClient client = setup.connect(port)) {
        assertEquals(certificates.chain().get(0), client.server());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gateway1.plant", "GATEWAY1.plant", "localhost", "127.0.0.1", "10.0.0.5"})
  void aClientThatVerifiesANameOrAddressOfOursGetsIn(String name) throws Exception {
    GatewayCertificates certificates = own();

    client(certificates).verifying(name).connect(serve(certificates).port()).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gateway2.plant", "127.0.0.2"})
  void aClientThatMeansAnotherGatewayGoesAway(String name) throws Exception {
    GatewayCertificates certificates = own();
    int port = serve(certificates).port();

    assertThrows(
        SSLException.class, () -> client(certificates).verifying(name).connect(port).close());
  }

  @Test
  void aRenewedCertificateIsForNewConnectionsAndOldOnesGoOn() throws Exception {
    GatewayCertificates certificates = own();
    EchoServer server = serve(certificates);
    try (TlsClient old = client(certificates).connect(server.port())) {
      X509Certificate former = old.server();

      certificates.renew();

      try (TlsClient young = client(certificates).connect(server.port())) {
        assertNotEquals(former, young.server());
        assertEquals(certificates.chain().get(0), young.server());
        young.echo(2);
      }
      old.echo(3);
      assertEquals(former, old.server());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void theCertificateOfAClientIsSeen(String version) throws Exception {
    ServerKey root = Made.of("Plant authority").authority().make();
    ServerKey device = Made.of("thermo1").by(root).make();
    Path authority = Made.write(temporary.resolve("root.pem"), root.certificate());
    GatewayCertificates certificates = own(authority);
    EchoServer server = serve(certificates);

    client(certificates).protocols(version).showing(device).connect(server.port()).close();
    List<X509Certificate> shown = server.shown();

    assertEquals(device.chain(), shown);
    assertTrue(certificates.isTrusted(shown));
  }

  /** It may be known by its thumbprint: whoever holds the key is let in, and trusted by nobody. */
  @Test
  void theCertificateThatAClientMadeForItselfIsSeenAndNotTrusted() throws Exception {
    ServerKey device = Made.of("thermo1").algorithm("RSA").make();
    GatewayCertificates certificates = own();
    EchoServer server = serve(certificates);

    client(certificates).showing(device).connect(server.port()).close();
    List<X509Certificate> shown = server.shown();

    assertEquals(device.chain(), shown);
    assertFalse(certificates.isTrusted(shown));
  }

  @Test
  void whoShowsACertificateWithoutItsKeyIsNotLetIn() throws Exception {
    ServerKey device = Made.of("thermo1").make();
    ServerKey stolen = new ServerKey(Made.of("thief").make().key(), device.chain());
    GatewayCertificates certificates = own();
    int port = serve(certificates).port();

    assertThrows(
        IOException.class, () -> client(certificates).showing(stolen).connect(port).close());
  }

  @Test
  void aChainThatIsTooLongIsNotLetIn() throws Exception {
    ServerKey last = Made.of("authority").authority().make();
    for (int i = 2; i <= 8; i++) {
      last = Made.of("authority " + i).authority().by(last).make();
    }
    ServerKey eight = last;
    ServerKey nine = Made.of("thermo1").by(last).make();
    GatewayCertificates certificates = own();
    int port = serve(certificates).port();

    client(certificates).showing(eight).connect(port).close();
    assertThrows(IOException.class, () -> client(certificates).showing(nine).connect(port).close());
  }

  /** What the gateway makes by itself proves nothing about a client. */
  @Test
  void ourOwnAuthorityDoesNotVouchForClientsUnlessItIsNamed() throws Exception {
    GatewayCertificates certificates = own();
    List<X509Certificate> chain = certificates.chain();
    assertFalse(certificates.isTrusted(chain));

    GatewayCertificates naming = own(folder.resolve("authority.crt"));
    assertFalse(naming.isTrusted(chain), "it is for servers");
    assertTrue(naming.isTrusted(List.of(chain.get(1))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA"})
  void theOperatorsCertificateIsShownAndFollowsItsFiles(String algorithm) throws Exception {
    ServerKey root = Made.of("Plant authority").authority().make();
    Path certificate = temporary.resolve("gateway.crt");
    Path key = temporary.resolve("gateway.key");
    write(Made.of("gw").algorithm(algorithm).names("gateway1.plant", "gw").by(root).make());
    GatewayCertificates certificates = given(certificate, key);
    int port = serve(certificates).port();
    TlsClient.Setup setup = client(certificates).verifying("gw");
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      setup.protocols(version).connect(port).close();
    }
    assertEquals(Set.of("gateway1.plant", "gw"), certificates.names());
    assertEquals(Optional.of(root.certificate()), certificates.authority());

    ServerKey next = Made.of("gw").names("gw2").by(root).make();
    write(next);
    certificates.renew();

    try (TlsClient client = setup.verifying("gw2").connect(port)) {
      assertEquals(next.certificate(), client.server());
    }
    assertEquals(Set.of("gateway1.plant", "gw2"), certificates.names());
  }

  private void write(ServerKey key) throws IOException {
    Made.write(temporary.resolve("gateway.crt"), key.chain());
    Made.write(temporary.resolve("gateway.key"), key.key());
  }

  @Test
  void aRenewalThatFailsLeavesTheFormerOne() throws Exception {
    write(Made.of("gw").names("gw").make());
    GatewayCertificates certificates =
        given(temporary.resolve("gateway.crt"), temporary.resolve("gateway.key"));
    int port = serve(certificates).port();
    List<X509Certificate> former = certificates.chain();
    Made.write(temporary.resolve("gateway.key"), Made.of("other").make().key());

    IOException e = assertThrows(IOException.class, certificates::renew);

    assertTrue(e.getMessage().contains("is not the key of"), e.getMessage());
    assertEquals(former, certificates.chain());
    client(certificates).verifying("gw").connect(port).close();
  }

  @Test
  void renewingReadsTheAuthoritiesOfClientsAgain() throws Exception {
    ServerKey root = Made.of("Plant authority").authority().make();
    ServerKey device = Made.of("thermo1").by(root).make();
    Path file = temporary.resolve("root.pem");
    Made.write(file, Made.of("Other").authority().make().certificate());
    GatewayCertificates certificates = own(file);
    assertFalse(certificates.isTrusted(device.chain()));

    Made.write(file, root.certificate());
    certificates.renew();
    assertTrue(certificates.isTrusted(device.chain()));

    Files.writeString(file, "lost");
    List<X509Certificate> former = certificates.chain();
    assertThrows(IOException.class, certificates::renew);
    assertTrue(certificates.isTrusted(device.chain()));
    assertEquals(former, certificates.chain());
  }

  @Test
  void itRenewsItselfAMonthBeforeTheEnd() throws Exception {
    GatewayCertificates certificates = own();
    List<X509Certificate> first = certificates.chain();

    pass(59);
    assertEquals(first, certificates.chain());

    pass(2);
    X509Certificate second = certificates.chain().get(0);
    assertNotEquals(first.get(0), second);
    assertEquals(first.get(1), certificates.authority().orElseThrow());
    assertTrue(second.getNotAfter().toInstant().isAfter(time.instant().plus(Duration.ofDays(88))));

    pass(365);
    certificates.chain().get(0).checkValidity(Date.from(time.instant()));
  }

  /** When the time server is found, or an operator sets the clock. */
  @ParameterizedTest
  @ValueSource(longs = {-2, 1000})
  void itFollowsAClockThatJumps(long days) throws Exception {
    GatewayCertificates certificates = own();
    X509Certificate former = certificates.chain().get(0);

    time.set(time.instant().plus(Duration.ofDays(days)));
    time.advance(Duration.ofMinutes(10));
    threads.runAll();

    assertNotEquals(former, certificates.chain().get(0));
    certificates.chain().get(0).checkValidity(Date.from(time.instant()));
  }

  @Test
  void whatCannotBeRenewedIsTriedAgain() throws Exception {
    GatewayCertificates certificates = own();
    X509Certificate former = certificates.chain().get(0);
    byte[] authority = Files.readAllBytes(folder.resolve("authority.pem"));
    Files.delete(folder.resolve("authority.pem"));
    pass(70);
    assertEquals(former, certificates.chain().get(0));

    Files.write(folder.resolve("authority.pem"), authority);
    pass(1);
    assertNotEquals(former, certificates.chain().get(0));
  }

  /** As the programs do that fetch certificates for the operator. */
  @Test
  void anOperatorsNewFilesAreFoundWhenTheFormerOnesEnd() throws Exception {
    write(Made.of("gw").names("gw").make());
    GatewayCertificates certificates =
        given(temporary.resolve("gateway.crt"), temporary.resolve("gateway.key"));
    Instant end = time.instant().plus(Duration.ofDays(1000));
    ServerKey next = Made.of("gw").names("gw").valid(time.instant(), end).make();
    write(next);

    pass(330);
    assertNotEquals(next.chain(), certificates.chain());
    pass(10);
    assertEquals(next.chain(), certificates.chain());
  }

  @Test
  void afterTheEndNothingIsLeftToRun() throws Exception {
    GatewayCertificates certificates = own();
    time.advance(Duration.ofMinutes(10));

    certificates.close();
    certificates.close();

    assertEquals(0, time.waiting());
  }

  /** 5,000 devices that come and go must not fill memory with what they might resume. */
  @Test
  void sessionsToResumeAreBounded() throws Exception {
    assertEquals(1000, own().serverContext().getServerSessionContext().getSessionCacheSize());
    assertEquals(3600, own().serverContext().getServerSessionContext().getSessionTimeout());
  }
}
