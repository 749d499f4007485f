package io.gantry.security.pem;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.gantry.security.file.PrivateFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file in PEM (RFC 7468). Texts outside of its blocks are remarks. Its errors name the file and
 * say what is wrong and what to do.
 */
public final class Pem {

  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String PRIVATE_KEY = "PRIVATE KEY";
  private static final String ENCRYPTED = "ENCRYPTED PRIVATE KEY";

  /** Forms of before PKCS#8, which the JDK does not read. */
  private static final Set<String> OLD_KEYS =
      Set.of("RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY");

  private static final String HOW =
      ". To convert it: openssl pkcs8 -topk8 -nocrypt -in THIS -out THAT";

  private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA", "RSASSA-PSS");

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  private record Block(String label, String text) {}

  private final String name;
  private final List<Block> blocks;

  private Pem(String name, List<Block> blocks) {
    this.name = name;
    this.blocks = blocks;
  }

  /**
   * Reads a file.
   *
   * @param role what the file is for, to begin the texts of errors with
   */
  public static Pem read(String role, Path file) throws IOException {
    String name = role + " " + file;
    if (!Files.exists(file)) {
      throw new IOException(name + ": no such file");
    }
    if (!Files.isRegularFile(file)) {
      throw new IOException(name + ": expected a file, found a folder or a device");
    }
    if (!Files.isReadable(file)) {
      throw new IOException(name + ": may not be read by the user that Gantry runs as");
    }
    // Whatever the bytes are: between the lines that matter there is only ASCII.
    Matcher matcher = BLOCK.matcher(new String(PrivateFile.read(file), ISO_8859_1));
    List<Block> blocks = new ArrayList<>();
    while (matcher.find()) {
      blocks.add(new Block(matcher.group(1), matcher.group(2)));
    }
    if (blocks.isEmpty()) {
      throw new IOException(
          name + ": expected PEM, a text with lines '-----BEGIN ...-----', found something else");
    }
    return new Pem(name, blocks);
  }

  /** Role and path, for the texts of errors. */
  public String name() {
    return name;
  }

  /** The certificates in the order of the file, at least one. */
  public List<X509Certificate> certificates() throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks) {
      if (block.label.equals(CERTIFICATE)) {
        certificates.add(certificate(block, "certificate " + (certificates.size() + 1)));
      }
    }
    if (certificates.isEmpty()) {
      throw new IOException(
          name + ": expected a block " + CERTIFICATE + ", found " + blocks.get(0).label);
    }
    return certificates;
  }

  private X509Certificate certificate(Block block, String what) throws IOException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(bytes(block, what)));
    } catch (CertificateException e) {
      throw damaged(what, e);
    }
  }

  private byte[] bytes(Block block, String what) throws IOException {
    try {
      return Base64.getMimeDecoder().decode(block.text);
    } catch (IllegalArgumentException e) {
      throw damaged(what, e);
    }
  }

  private IOException damaged(String what, Exception cause) {
    return new IOException(name + ": " + what + " is damaged", cause);
  }

  /** The private key, unencrypted PKCS#8. */
  public PrivateKey privateKey() throws IOException {
    for (Block block : blocks) {
      if (block.label.equals(ENCRYPTED) || block.text.contains("ENCRYPTED")) {
        throw new IOException(
            name + ": the key is encrypted: expected one without a password" + HOW);
      }
      if (OLD_KEYS.contains(block.label)) {
        throw new IOException(
            name + ": expected a key in PKCS#8 (" + PRIVATE_KEY + "), found " + block.label + HOW);
      }
      if (block.label.equals(PRIVATE_KEY)) {
        return privateKey(bytes(block, "the key"));
      }
    }
    throw new IOException(
        name + ": expected a block " + PRIVATE_KEY + ", found " + blocks.get(0).label);
  }

  private PrivateKey privateKey(byte[] encoded) throws IOException {
    GeneralSecurityException first = null;
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (GeneralSecurityException e) {
        first = first == null ? e : first;
      }
    }
    throw new IOException(
        name + ": the key is damaged, or of another kind than " + String.join(", ", ALGORITHMS),
        first);
  }

  /** Certificates as text. */
  public static String text(List<X509Certificate> certificates) {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      try {
        text.append(block(CERTIFICATE, certificate.getEncoded()));
      } catch (CertificateException e) {
        throw new IllegalArgumentException("a certificate that has no encoding", e);
      }
    }
    return text.toString();
  }

  /** A private key as text, in PKCS#8. */
  public static String text(PrivateKey key) {
    return block(PRIVATE_KEY, key.getEncoded());
  }

  private static String block(String label, byte[] content) {
    String lines = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(content);
    return "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n";
  }
}
