package io.gantry.security.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.security.Made;
import io.gantry.security.name.HostNames;
import io.gantry.security.pem.ServerKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GivenKeysTest {

  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("2027-01-01T00:00:00Z");
  private static final Instant NOW = Instant.parse("2026-07-01T00:00:00Z");

  @TempDir private Path folder;
  private ServerKey root;
  private ServerKey server;

  @BeforeEach
  void setUp() {
    root = Made.of("Plant authority").authority().valid(BEGIN, END).make();
    server = Made.of("gw.plant").names("gw.plant").by(root).valid(BEGIN, END).make();
  }

  private Path certificate() {
    return folder.resolve("gateway.crt");
  }

  private Path key() {
    return folder.resolve("gateway.key");
  }

  private void write(ServerKey given) throws IOException {
    Made.write(certificate(), given.chain());
    Made.write(key(), given.key());
  }

  private GivenKeys given(Instant now) {
    return new GivenKeys(
        certificate(), key(), HostNames.of("gw.plant", List.of()), InstantSource.fixed(now));
  }

  private String error() {
    return assertThrows(IOException.class, () -> given(NOW).open()).getMessage();
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA", "Ed25519"})
  void aChainAndItsKeyAreTaken(String algorithm) throws Exception {
    write(Made.of("gw").algorithm(algorithm).by(root).valid(BEGIN, END).make());

    ServerKey open = given(NOW).open();

    assertEquals(2, open.chain().size());
    assertEquals(open.certificate().getPublicKey().getAlgorithm(), open.key().getAlgorithm());
    assertEquals(Optional.of(root.certificate()), given(NOW).authority(open));
  }

  /** As `cat gateway.key gateway.crt` makes it, with remarks as openssl writes them. */
  @Test
  void bothMayStandInOneFileWithRemarks() throws Exception {
    String text = "Bag Attributes\n    friendlyName: gw-1\n" + new String(server.text());
    Files.writeString(certificate(), text);

    GivenKeys keys =
        new GivenKeys(
            certificate(),
            certificate(),
            HostNames.of("gw.plant", List.of()),
            InstantSource.fixed(NOW));

    assertEquals(server.chain(), keys.open().chain());
  }

  @Test
  void aChainWithoutItsRootNamesNoAuthority() throws Exception {
    write(new ServerKey(server.key(), List.of(server.certificate())));

    assertEquals(Optional.empty(), given(NOW).authority(given(NOW).open()));
  }

  @Test
  void renewingReadsTheFilesAgain() throws Exception {
    write(server);
    GivenKeys keys = given(NOW);
    keys.open();
    ServerKey next = Made.of("gw.plant").names("gw.plant").by(root).valid(BEGIN, END).make();
    write(next);

    assertEquals(next.chain(), keys.renew().chain());
  }

  @Test
  void aFileThatIsNotThereIsNamed() throws Exception {
    write(server);
    Files.delete(key());
    assertEquals("key " + key() + ": no such file", error());

    Files.delete(certificate());
    assertEquals("certificate " + certificate() + ": no such file", error());
  }

  @Test
  void aFolderIsNoFile() throws Exception {
    write(server);
    Files.delete(key());
    Files.createDirectory(key());

    assertEquals("key " + key() + ": expected a file, found a folder or a device", error());
  }

  /** PKCS#12 and DER are what people take for it. */
  @Test
  void whatIsNotPemIsSaidToBeNone() throws Exception {
    write(server);
    Files.write(certificate(), server.certificate().getEncoded());

    assertEquals(
        "certificate "
            + certificate()
            + ": expected PEM, a text with lines '-----BEGIN ...-----', found something else",
        error());
  }

  @Test
  void aFileThatIsFarTooLongIsNotRead() throws Exception {
    write(server);
    Files.write(certificate(), new byte[(1 << 20) + 1]);

    assertTrue(error().contains("expected at most 1048576 bytes, found 1048577"), error());
  }

  @Test
  void theKeyInPlaceOfTheCertificateIsNoticed() throws Exception {
    Made.write(certificate(), server.key());
    Made.write(key(), server.key());

    assertEquals(
        "certificate " + certificate() + ": expected a block CERTIFICATE, found PRIVATE KEY",
        error());
  }

  @Test
  void theCertificateInPlaceOfTheKeyIsNoticed() throws Exception {
    Made.write(certificate(), server.chain());
    Made.write(key(), server.chain());

    assertEquals("key " + key() + ": expected a block PRIVATE KEY, found CERTIFICATE", error());
  }

  @Test
  void aKeyOfAnotherCertificateIsNoticed() throws Exception {
    write(server);
    Made.write(key(), root.key());
    assertTrue(error().startsWith("key " + key() + ": is not the key of the first"), error());
    assertTrue(error().endsWith("which is that of CN=gw.plant"), error());

    Made.write(key(), Made.of("other").algorithm("RSA").make().key());
    assertTrue(error().startsWith("key " + key() + ": is not the key of the first"), error());
  }

  @Test
  void anEncryptedKeyIsSaidToBeOne() throws Exception {
    write(server);
    block("ENCRYPTED PRIVATE KEY", "");

    assertTrue(error().startsWith("key " + key() + ": the key is encrypted"), error());
    assertTrue(error().contains("openssl pkcs8 -topk8 -nocrypt"), error());
  }

  private void block(String label, String head) throws IOException {
    String lines = Base64.getMimeEncoder().encodeToString(server.key().getEncoded());
    Files.writeString(
        key(),
        "-----BEGIN " + label + "-----\n" + head + lines + "\n-----END " + label + "-----\n");
  }

  @Test
  void aKeyOfTheOldFormIsSaidToBeOne() throws Exception {
    write(server);
    block("RSA PRIVATE KEY", "");
    assertTrue(
        error().contains("expected a key in PKCS#8 (PRIVATE KEY), found RSA PRIVATE KEY"), error());

    block("EC PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n");
    assertTrue(error().startsWith("key " + key() + ": the key is encrypted"), error());
  }

  @Test
  void aDamagedKeyIsSaidToBeOne() throws Exception {
    write(server);
    Files.writeString(
        key(), "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBM\n-----END PRIVATE KEY-----\n");

    assertTrue(error().startsWith("key " + key() + ": the "), error());
    assertTrue(error().contains("damaged"), error());
  }

  /** A piece that is missing, and a piece that is not Base64 any more. */
  @ParameterizedTest
  @ValueSource(ints = {80, 81})
  void aDamagedCertificateIsCounted(int end) throws Exception {
    write(server);
    String text = Files.readString(certificate());
    int second = text.indexOf("MII", text.lastIndexOf("BEGIN"));
    Files.writeString(certificate(), text.substring(0, second + 40) + text.substring(second + end));

    assertEquals("certificate " + certificate() + ": certificate 2 is damaged", error());
  }

  @ParameterizedTest
  @CsvSource({"true, CN=Plant authority", "false, CN=gw.plant"})
  void whatExpiredIsNamed(boolean ofTheRoot, String subject) throws Exception {
    Instant before = NOW.minusSeconds(1);
    root = Made.of("Plant authority").authority().valid(BEGIN, ofTheRoot ? before : END).make();
    write(Made.of("gw.plant").by(root).valid(BEGIN, ofTheRoot ? END : before).make());

    assertEquals(
        "certificate " + certificate() + ": " + subject + " expired at 2026-06-30T23:59:59Z",
        error());
  }

  /** At the start of a machine whose clock is behind, it is the clock that is wrong. */
  @Test
  void whatIsNotValidYetIsTaken() throws Exception {
    write(server);

    assertEquals(server.chain(), given(Instant.parse("1970-01-01T00:00:00Z")).open().chain());
  }

  @Test
  void aChainInAnotherOrderIsNoticed() throws Exception {
    ServerKey middle = Made.of("Line authority").authority().by(root).valid(BEGIN, END).make();
    ServerKey gateway = Made.of("gw.plant").by(middle).valid(BEGIN, END).make();
    write(
        new ServerKey(
            gateway.key(),
            List.of(gateway.certificate(), root.certificate(), middle.certificate())));

    assertTrue(error().contains("certificate 2 did not sign certificate 1"), error());
  }

  @Test
  void aCertificateForClientsOnlyIsRefused() throws Exception {
    write(Made.of("gw").purposes(false, Made.FOR_CLIENTS).valid(BEGIN, END).make());

    assertTrue(error().contains("CN=gw is not for servers"), error());
  }
}
