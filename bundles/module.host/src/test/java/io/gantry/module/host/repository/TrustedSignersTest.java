package io.gantry.module.host.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.fetch.FetchException;
import io.gantry.module.host.fetch.Logins;
import io.gantry.module.host.index.Digest;
import io.gantry.module.host.index.IndexedResource.Content;
import io.gantry.module.host.repository.Jars.Order;
import io.gantry.module.host.runtime.RealTime;
import io.gantry.testkit.module.TestBundle;
import io.gantry.testkit.store.FakeStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import jdk.security.jarsigner.JarSigner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With keys that were made once: an authority; a builder, a plain one and a TLS server that it
 * vouches for; a stranger; and a helper for whom the builder vouches, who may not.
 */
class TrustedSignersTest {

  private static final char[] PASSWORD = "testing".toCharArray();
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

  @TempDir Path temp;
  private KeyStore keys;
  private Path jar;

  @BeforeEach
  void open() throws Exception {
    keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = TrustedSignersTest.class.getResourceAsStream("signers.p12")) {
      keys.load(in, PASSWORD);
    }
    jar =
        TestBundle.of("acme.filter", "1.0.0")
            .entry("acme/a.txt", "a")
            .entry("META-INF/services/x", "y")
            .writeTo(temp);
  }

  @Test
  void aJarIsGoodWhenItsSignerOrAnAuthorityOfItIsTrusted() throws Exception {
    assertDoesNotThrow(() -> check(signed("builder"), NOW, "authority"));
    assertDoesNotThrow(() -> check(signed("builder"), NOW, "builder"));
    assertDoesNotThrow(() -> check(signed("plain"), NOW, "stranger", "authority"));
    assertDoesNotThrow(() -> check(signed("stranger"), NOW, "stranger"));
  }

  @Test
  void anUnsignedJarIsRefusedAndAnEntryNamed() {
    String refusal = refusal(jar, NOW, "authority");
    assertTrue(refusal.contains("its entry acme/a.txt is not signed"), refusal);
  }

  /** Whoever adds something to a signed jar has not been vouched for. */
  @Test
  void anEntryThatWasAddedAfterwardsIsNamed() throws Exception {
    Path signed = signed("builder");
    try (FileSystem zip = FileSystems.newFileSystem(signed)) {
      Files.writeString(zip.getPath("acme/evil.txt"), "evil");
    }
    assertTrue(refusal(signed, NOW, "authority").contains("its entry acme/evil.txt is not"));
  }

  @Test
  void anEntryThatWasChangedAfterwardsIsFound() throws Exception {
    Path signed = signed("builder");
    try (FileSystem zip = FileSystems.newFileSystem(signed)) {
      Files.writeString(zip.getPath("acme/a.txt"), "evil");
    }
    String refusal = refusal(signed, NOW, "authority");
    assertTrue(refusal.contains("it was changed after it was signed"), refusal);
  }

  /** Another activator is another bundle. */
  @Test
  void aManifestThatWasChangedAfterwardsIsFound() throws Exception {
    Path signed = signed("builder");
    try (FileSystem zip = FileSystems.newFileSystem(signed)) {
      Path manifest = zip.getPath("META-INF/MANIFEST.MF");
      Files.writeString(
          manifest,
          Files.readString(manifest)
              .replace("Bundle-Version: 1.0.0", "Bundle-Version: 1.0.0\r\nBundle-Activator: X"));
    }
    assertFalse(refusal(signed, NOW, "authority").isEmpty());
  }

  /** One reader takes the first of two entries of a name, the next one the last. */
  @Test
  void twoEntriesOfOneNameAreRefused() throws Exception {
    Path signed = signed("builder");
    Path twice = temp.resolve("twice.jar");
    try (ZipFile from = new ZipFile(signed.toFile());
        ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(twice))) {
      for (ZipEntry entry : Collections.list(from.entries())) {
        to.putNextEntry(new ZipEntry(entry.getName()));
        to.write(from.getInputStream(entry).readAllBytes());
      }
      to.putNextEntry(new ZipEntry("acme/b.txt"));
      to.write('b');
    }
    byte[] content = Files.readAllBytes(twice);
    replace(content, "acme/b.txt", "acme/a.txt");
    Files.write(twice, content);
    assertTrue(refusal(twice, NOW, "authority").contains("two entries named acme/a.txt"));
  }

  /** Java reads all of it before it can say that nobody has signed anything. */
  @Test
  void aManifestThatSwellsIsRefusedBeforeTheSignatureIsLookedAt() throws Exception {
    Path swells = temp.resolve("swells.jar");
    try (OutputStream out = Files.newOutputStream(swells);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
      zip.write("Manifest-Version: 1.0\n".getBytes(UTF_8));
      zip.write("Padding: 0123456789\n".repeat(250_000).getBytes(UTF_8));
    }
    assertEquals(
        "is refused: its manifest: it is larger than 4194304 bytes",
        refusal(swells, NOW, "authority"));
  }

  /** One reader takes the first, another the one in capitals: which of them was signed? */
  @Test
  void aSecondManifestIsRefusedAlsoInOtherLetters() throws Exception {
    Path two = temp.resolve("two.jar");
    try (ZipFile from = new ZipFile(signed("builder").toFile());
        OutputStream out = Files.newOutputStream(two);
        ZipOutputStream to = new ZipOutputStream(out)) {
      for (ZipEntry entry : Collections.list(from.entries())) {
        to.putNextEntry(new ZipEntry(entry.getName()));
        try (InputStream in = from.getInputStream(entry)) {
          in.transferTo(to);
        }
      }
      to.putNextEntry(new ZipEntry("META-INF/manifest.mf"));
      to.write("Manifest-Version: 1.0\nBundle-Activator: evil.Activator\n\n".getBytes(UTF_8));
    }
    assertTrue(refusal(two, NOW, "authority").contains("is not signed"));
  }

  @Test
  void aSignerThatNobodyVouchesForIsNamed() throws Exception {
    assertEquals(
        "is refused: its signer CN=Stranger is not among the trustedSigners, nor does one of them"
            + " vouch for it",
        refusal(signed("stranger"), NOW, "authority", "builder"));
    assertTrue(
        refusal(signed("helper"), NOW, "authority").contains("its signer CN=Acme Helper is not"),
        "a builder is no authority");
    assertTrue(
        refusal(signed("helper"), NOW, "builder").contains("its signer CN=Acme Helper is not"));
  }

  /** Else everybody with a TLS certificate of the company could sign. */
  @Test
  void aCertificateForServersSignsNothing() throws Exception {
    String refusal = refusal(signed("server"), NOW, "authority");
    assertTrue(refusal.contains("CN=Acme Server has a certificate for other purposes"), refusal);
  }

  @Test
  void certificatesAreGoodWithinTheirTimeOnly() throws Exception {
    Path signed = signed("builder");
    String late = refusal(signed, Instant.parse("2200-01-01T00:00:00Z"), "authority", "builder");
    assertTrue(late.contains("shows a certificate that was valid until 21"), late);
    String early = refusal(signed, Instant.parse("2020-01-01T00:00:00Z"), "authority", "builder");
    assertTrue(early.contains("that is not valid yet"), early);
  }

  @Test
  void withoutTrustedSignersNothingSignedIsTaken() throws Exception {
    assertTrue(refusal(signed("builder"), NOW).contains("trustedSigners names nobody"));
  }

  /** Also when another repository has brought it, and for shared bundles alike. */
  @Test
  void aJarIsLookedAtBeforeItGetsItsNameAndEachTimeItIsWanted() throws Exception {
    Path pem = temp.resolve("authority.pem");
    Files.writeString(
        pem,
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(keys.getCertificate("authority").getEncoded())
            + "\n-----END CERTIFICATE-----\n");
    try (RealTime time = new RealTime();
        Supply supply =
            new Supply(
                new RepositorySettings(
                    List.of(), Duration.ofSeconds(5), List.of(pem), List.of(), Optional.empty()),
                temp.resolve("cache"),
                new Supply.Services(new FakeStore(), () -> NOW, time, time),
                Runnable::run)) {
      assertThrows(FetchException.class, () -> bring(supply, jar, true));
      try (var files = Files.list(temp.resolve("cache"))) {
        assertEquals(0, files.filter(file -> file.toString().endsWith(".jar")).count());
      }
      bring(supply, jar, false);
      assertThrows(FetchException.class, () -> bring(supply, jar, true));
      bring(supply, signed("builder"), true);
    }
  }

  private static String bring(Supply supply, Path file, boolean signed) throws IOException {
    Optional<String> sha256;
    try (InputStream in = Files.newInputStream(file)) {
      sha256 = Optional.of(Digest.of(in));
    }
    Content content = new Content(file.toUri(), sha256, Files.size(file));
    return supply
        .jars()
        .bring(
            new Order("m", "r", content, sha256, signed),
            Logins.NONE,
            new Cancellation(),
            bytes -> {});
  }

  private Path signed(String alias) throws Exception {
    List<Certificate> chain = Arrays.asList(keys.getCertificateChain(alias));
    JarSigner signer =
        new JarSigner.Builder(
                (PrivateKey) keys.getKey(alias, PASSWORD),
                CertificateFactory.getInstance("X.509").generateCertPath(chain))
            .signerName("ACME")
            .build();
    Path signed = temp.resolve(alias + ".jar");
    try (ZipFile in = new ZipFile(jar.toFile());
        OutputStream out = Files.newOutputStream(signed)) {
      signer.sign(in, out);
    }
    return signed;
  }

  private void check(Path file, Instant now, String... trusted) throws Exception {
    List<X509Certificate> certificates = new ArrayList<>();
    for (String alias : trusted) {
      certificates.add((X509Certificate) keys.getCertificate(alias));
    }
    InstantSource clock = () -> now;
    new TrustedSigners(Set.copyOf(certificates), clock).check(file);
  }

  private String refusal(Path file, Instant now, String... trusted) {
    FetchException refusal = assertThrows(FetchException.class, () -> check(file, now, trusted));
    assertFalse(refusal.temporary());
    return refusal.getMessage();
  }

  private static void replace(byte[] content, String what, String by) {
    byte[] sought = what.getBytes(UTF_8);
    for (int i = 0; i + sought.length <= content.length; i++) {
      if (Arrays.equals(content, i, i + sought.length, sought, 0, sought.length)) {
        System.arraycopy(by.getBytes(UTF_8), 0, content, i, sought.length);
      }
    }
  }
}
