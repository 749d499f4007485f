package io.gantry.bench.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A certificate that signs itself (ECDSA, P-256, as a gateway makes one), so that all brokers show
 * the same.
 */
public final class ServerCertificate implements AutoCloseable {

  private static final String PASSWORD = "not-secret";
  private static final String ALIAS = "server";
  private static final int LINE = 64;

  private final TemporaryFolder folder = new TemporaryFolder("certificate");

  /** Makes one with this Java's keytool. */
  public ServerCertificate() throws IOException, InterruptedException, GeneralSecurityException {
    Path keys = folder.path().resolve("keys.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process process =
        new ProcessBuilder(
                keytool,
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                keys.toString())
            .inheritIO()
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("keytool made no certificate");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    write(certificate(), "CERTIFICATE", store.getCertificate(ALIAS).getEncoded());
    byte[] key = store.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded();
    write(key(), "PRIVATE KEY", key);
  }

  private static void write(Path file, String kind, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(content);
    String begin = "-----BEGIN " + kind + "-----\n";
    Files.writeString(file, begin + text + "\n-----END " + kind + "-----\n", US_ASCII);
  }

  /** In PEM. */
  public Path certificate() {
    return folder.path().resolve("certificate.pem");
  }

  /** In PEM, PKCS#8. */
  public Path key() {
    return folder.path().resolve("key.pem");
  }

  @Override
  public void close() {
    folder.close();
  }
}
