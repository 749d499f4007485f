package io.gantry.security.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.security.Made;
import io.gantry.security.name.HostNames;
import io.gantry.security.pem.Pem;
import io.gantry.security.pem.ServerKey;
import io.gantry.testkit.time.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnKeysTest {

  private static final HostNames NAMES =
      HostNames.of("gateway1.plant", List.of("10.0.0.5", "my_gateway", "fe80::1"));

  private final ManualTime time = new ManualTime();
  @TempDir private Path temporary;
  private Path folder;

  @BeforeEach
  void setUp() {
    folder = temporary.resolve("data").resolve("security");
  }

  private OwnKeys keys() {
    return new OwnKeys(folder, NAMES, time);
  }

  private ServerKey open() throws IOException {
    return keys().open();
  }

  private X509Certificate authority() throws IOException {
    return keys().authority(open()).orElseThrow();
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  @Test
  void theFirstStartMakesAnAuthorityForManyYears() throws Exception {
    X509Certificate authority = authority();

    authority.verify(authority.getPublicKey());
    assertEquals(0, authority.getBasicConstraints(), "signs servers, no further authorities");
    assertEquals(List.of(5, 6), used(authority), "signs certificates and revocations");
    assertEquals(
        Set.of("2.5.29.15", "2.5.29.19"), new TreeSet<>(authority.getCriticalExtensionOIDs()));
    assertTrue(years(authority) >= 10, () -> "" + authority.getNotAfter());
    assertEquals(256, bits(authority));
  }

  private static List<Integer> used(X509Certificate certificate) {
    boolean[] usage = certificate.getKeyUsage();
    List<Integer> used = new ArrayList<>();
    for (int i = 0; i < usage.length; i++) {
      if (usage[i]) {
        used.add(i);
      }
    }
    return used;
  }

  private static int bits(X509Certificate certificate) {
    return ((ECPublicKey) certificate.getPublicKey()).getParams().getOrder().bitLength();
  }

  private long years(X509Certificate certificate) {
    return Duration.between(time.instant(), certificate.getNotAfter().toInstant()).toDays() / 365;
  }

  @Test
  void theFirstStartMakesACertificateForAllNames() throws Exception {
    ServerKey server = open();
    X509Certificate certificate = server.certificate();

    certificate.verify(authority().getPublicKey());
    assertEquals("CN=gateway1.plant", certificate.getSubjectX500Principal().getName());
    assertEquals(
        List.of(
            List.of(2, "gateway1.plant"),
            List.of(2, "localhost"),
            List.of(7, "127.0.0.1"),
            List.of(7, "10.0.0.5"),
            List.of(2, "my_gateway"),
            List.of(7, "fe80:0:0:0:0:0:0:1")),
        List.copyOf(certificate.getSubjectAlternativeNames()));
    assertEquals(List.of("1.3.6.1.5.5.7.3.1"), certificate.getExtendedKeyUsage());
    assertEquals(List.of(0), used(certificate), "digital signature");
    assertEquals(-1, certificate.getBasicConstraints());
    assertEquals(256, bits(certificate));
    assertEquals(time.instant().plus(Duration.ofDays(90)), certificate.getNotAfter().toInstant());
    assertTrue(
        certificate.getNotBefore().toInstant().isBefore(time.instant()), "clocks may be slow");
  }

  @Test
  void aRestartChangesNothing() throws Exception {
    ServerKey server = open();
    X509Certificate authority = authority();

    assertEquals(server.chain(), open().chain());
    assertEquals(server.key(), open().key());
    assertEquals(authority, authority());
  }

  @Test
  void onlyTheOwnerMayReadTheFiles() throws Exception {
    open();

    assertEquals("rwx------", permissions(folder));
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        assertEquals("rw-------", permissions(file), file.toString());
        names.add(file.getFileName().toString());
      }
    }
    assertEquals(Set.of("authority.crt", "authority.pem", "server.pem"), names);
    assertFalse(Files.readString(file("authority.crt")).contains("KEY"), "is handed out");
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void rightsOfOthersAreTakenAway() throws Exception {
    open();
    for (String name : List.of("authority.pem", "server.pem")) {
      Files.setPosixFilePermissions(file(name), PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    open();

    assertEquals("rw-------", permissions(file("authority.pem")));
    assertEquals("rw-------", permissions(file("server.pem")));
  }

  @Test
  void anotherNameMakesAnotherCertificateOfTheSameAuthority() throws Exception {
    ServerKey former = open();
    X509Certificate authority = authority();

    OwnKeys renamed = new OwnKeys(folder, HostNames.of("gateway2", List.of()), time);
    ServerKey server = renamed.open();

    assertNotEquals(former.certificate(), server.certificate());
    assertEquals("CN=gateway2", server.certificate().getSubjectX500Principal().getName());
    assertEquals(authority, renamed.authority(server).orElseThrow());
  }

  @Test
  void renewingMakesANewKeyAndIsThereAfterARestart() throws Exception {
    ServerKey former = open();

    ServerKey renewed = keys().renew();

    assertNotEquals(former.key(), renewed.key());
    assertEquals(former.chain().get(1), renewed.chain().get(1), "the authority");
    assertEquals(renewed.chain(), open().chain());
  }

  @Test
  void aCertificateThatEndsSoonIsReplacedAtTheStart() throws Exception {
    ServerKey former = open();
    time.set(former.expiresAt().minus(Duration.ofDays(29)));

    ServerKey server = open();

    assertEquals(time.instant().plus(Duration.ofDays(90)), server.expiresAt());
  }

  @Test
  void aDamagedServerKeyIsSetAsideAndReplaced() throws Exception {
    byte[] good = open().text();
    List<byte[]> damaged =
        List.of(new byte[0], Arrays.copyOf(good, good.length / 3), "something".getBytes(UTF_8));
    for (byte[] bytes : damaged) {
      Files.write(file("server.pem"), bytes);

      ServerKey server = open();

      assertTrue(ServerKey.isSignedBy(server.certificate(), authority()));
      assertArrayEquals(bytes, Files.readAllBytes(file("server.pem.damaged")));
    }
  }

  @Test
  void aServerKeyOfAnotherAuthorityIsReplaced() throws Exception {
    open();
    Path other = temporary.resolve("other");
    new OwnKeys(other, NAMES, time).open();
    Files.copy(
        other.resolve("server.pem"), file("server.pem"), StandardCopyOption.REPLACE_EXISTING);

    assertTrue(ServerKey.isSignedBy(open().certificate(), authority()));
  }

  /** All clients trust it: a new one in silence would lock them out. */
  @Test
  void anAuthorityThatIsMissingIsNotReplaced() throws Exception {
    open();
    Files.delete(file("authority.pem"));
    assertSaysHowToGoOn("authority.pem is missing");

    Files.delete(file("authority.crt"));
    assertSaysHowToGoOn("authority.pem is missing");

    Files.delete(file("server.pem"));
    open();
  }

  private void assertSaysHowToGoOn(String what) {
    IOException e = assertThrows(IOException.class, this::open);

    assertTrue(e.getMessage().contains(what), e.getMessage());
    assertTrue(e.getMessage().contains("put it back from a backup"), e.getMessage());
  }

  @Test
  void anAuthorityThatIsDamagedIsNotReplaced() throws Exception {
    open();
    byte[] good = Files.readAllBytes(file("authority.pem"));
    byte[] half = Arrays.copyOf(good, good.length / 2);
    for (byte[] bytes : List.of(new byte[0], half)) {
      Files.write(file("authority.pem"), bytes);

      assertSaysHowToGoOn("authority " + file("authority.pem"));
      assertArrayEquals(bytes, Files.readAllBytes(file("authority.pem")));
    }
  }

  @Test
  void anAuthorityWithTheKeyOfAnotherSignsNothing() throws Exception {
    X509Certificate authority = authority();
    List<X509Certificate> former = open().chain();
    String other = Pem.text(Made.of("other").make().key());
    Files.writeString(file("authority.pem"), other + Pem.text(List.of(authority)));

    IOException e = assertThrows(IOException.class, () -> keys().renew());

    assertTrue(e.getMessage().contains("the key is not that of the certificate"), e.getMessage());
    assertEquals(former, open().chain());
  }

  @Test
  void anAuthorityThatExpiredIsNotReplaced() throws Exception {
    X509Certificate authority = authority();
    time.set(authority.getNotAfter().toInstant());

    assertSaysHowToGoOn("expired at " + authority.getNotAfter().toInstant());
  }

  @Test
  void noCertificateOutlivesItsAuthority() throws Exception {
    Instant end = authority().getNotAfter().toInstant();
    time.set(end.minus(Duration.ofDays(10)));

    assertEquals(end, open().expiresAt());
  }

  @Test
  void theCopyForClientsFollowsTheAuthority() throws Exception {
    X509Certificate authority = authority();
    Files.delete(file("authority.crt"));
    assertEquals(authority, authority());
    assertEquals(List.of(authority), copy());

    Files.writeString(file("authority.crt"), Pem.text(List.of(open().certificate())));
    assertEquals(authority, authority());
    assertEquals(List.of(authority), copy());
  }

  private List<X509Certificate> copy() throws IOException {
    return Pem.read("copy", file("authority.crt")).certificates();
  }

  /** No battery, no network yet: what is made then is good later, too, and does not come back. */
  @Test
  void aClockThatIsYearsBehindMakesAnAuthorityThatIsGoodToday() throws Exception {
    Instant today = time.instant();
    time.set(Instant.parse("1970-01-01T00:00:10Z"));
    X509Certificate authority = authority();
    ServerKey server = open();

    time.set(today.plus(Duration.ofDays(1)));

    authority.checkValidity(Date.from(time.instant()));
    assertEquals(authority, authority());
    assertEquals(server.chain(), open().chain());
  }

  @Test
  void gatewaysOfOneNameHaveAuthoritiesOfDifferentNames() throws Exception {
    X509Certificate one = authority();
    OwnKeys keys = new OwnKeys(temporary.resolve("other"), NAMES, time);
    X509Certificate other = keys.authority(keys.open()).orElseThrow();

    assertNotEquals(one.getSubjectX500Principal(), other.getSubjectX500Principal());
    assertNotEquals(one.getSerialNumber(), other.getSerialNumber());
  }

  @Test
  void aHostNameThatIsTooLongForACommonNameIsInTheNamesOnly() throws Exception {
    String name = "gateway." + "a".repeat(60) + ".plant";
    OwnKeys keys = new OwnKeys(folder, HostNames.of(name, List.of()), time);

    X509Certificate certificate = keys.open().certificate();

    assertEquals("CN=gateway", certificate.getSubjectX500Principal().getName());
    assertTrue(certificate.getSubjectAlternativeNames().contains(List.of(2, name)));
  }
}
