package io.gantry.security.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.security.file.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key of a vault and its id, in {@code vault.key}. Beside it stands the id once more, in {@code
 * vault.id}: from the moment that a key may have sealed something, its loss or replacement is told
 * from a first start, and never answered with a new key.
 */
final class VaultKey {

  static final int ID_LENGTH = 8;

  private static final Logger LOG = LoggerFactory.getLogger(VaultKey.class);
  private static final String HEADER = "gantry vault key 1";
  private static final int LENGTH = 32;

  private final byte[] id;
  private final SecretKeySpec key;

  private VaultKey(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
    this.id = id(key);
  }

  /** Tells keys apart, and a damaged one from itself; says nothing about the key. */
  private static byte[] id(byte[] key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(HEADER.getBytes(UTF_8));
      return Arrays.copyOf(digest.digest(key), ID_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Reads the key of the folder, or makes it at the first start. */
  static VaultKey open(Path folder, SecureRandom random) throws IOException {
    PrivateFile.createFolder(folder);
    Path file = folder.resolve("vault.key");
    Path marker = folder.resolve("vault.id");
    if (Files.exists(file)) {
      VaultKey key = read(file);
      key.compare(marker, file);
      return key;
    }
    if (Files.exists(marker)) {
      throw new IOException(
          file
              + " is missing, but "
              + marker
              + " says that there was a key: what it sealed cannot be opened. Put it back from a"
              + " backup; or remove "
              + marker
              + " to begin with a new key and without the sealed secrets");
    }
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    VaultKey key = new VaultKey(bytes);
    PrivateFile.write(file, key.text(bytes));
    // Only now: a power cut before leaves a key that nobody has used, never a marker without one.
    PrivateFile.write(marker, key.name().getBytes(UTF_8));
    LOG.info("made the key of the vault, {}: keep a copy of it in a safe place", file);
    return key;
  }

  private static VaultKey read(Path file) throws IOException {
    if (PrivateFile.tighten(file)) {
      LOG.warn("{} could be read by others; took their rights away", file);
    }
    List<String> lines = new String(PrivateFile.read(file), UTF_8).lines().toList();
    if (lines.size() == 3 && lines.get(0).equals(HEADER)) {
      try {
        byte[] bytes = Base64.getDecoder().decode(lines.get(1));
        VaultKey key = new VaultKey(bytes);
        if (bytes.length == LENGTH && key.name().equals(lines.get(2))) {
          return key;
        }
      } catch (IllegalArgumentException e) {
        // said below
      }
    }
    throw new IOException(
        file
            + " is damaged: expected '"
            + HEADER
            + "', a key and its check sum. Put it back from a backup; without it what it sealed"
            + " cannot be opened");
  }

  private byte[] text(byte[] bytes) {
    String text = HEADER + "\n" + Base64.getEncoder().encodeToString(bytes) + "\n" + name() + "\n";
    return text.getBytes(UTF_8);
  }

  private void compare(Path marker, Path file) throws IOException {
    if (!Files.exists(marker)) {
      PrivateFile.write(marker, name().getBytes(UTF_8));
      return;
    }
    String expected = new String(PrivateFile.read(marker), UTF_8).strip();
    if (!expected.equals(name())) {
      throw new IOException(
          file
              + " holds key "
              + name()
              + ", but "
              + marker
              + " says "
              + expected
              + ": it was replaced. Put the former one back; or remove "
              + marker
              + " to go on without what that one sealed");
    }
  }

  SecretKeySpec key() {
    return key;
  }

  byte[] id() {
    return id.clone();
  }

  String name() {
    return HexFormat.of().formatHex(id);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "VaultKey[" + name() + "]";
  }
}
