package io.gantry.console.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.console.file.KeptSecret;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a caller shows. There is one for each run, and who can read it from the data folder may
 * manage the gateway; and one that is kept, which opens the metrics only.
 */
final class Token {

  private static final int BYTES = 32;
  private static final String SCHEME = "Bearer ";

  private final String text;

  private Token(String text) {
    this.text = text;
  }

  static Token random() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return new Token(HexFormat.of().formatHex(bytes));
  }

  /** The one in this file, made when there is none. */
  static Token kept(Path file) throws IOException {
    return new Token(KeptSecret.readOrCreate(file, "token for the metrics"));
  }

  /** Whether the header carries it; takes the same time whatever is wrong with it. */
  boolean matches(@Nullable String authorization) {
    if (authorization == null || !authorization.startsWith(SCHEME)) {
      return false;
    }
    byte[] given = authorization.substring(SCHEME.length()).getBytes(UTF_8);
    return MessageDigest.isEqual(given, text.getBytes(UTF_8));
  }

  /** For the file that only the owner reads. */
  String text() {
    return text;
  }

  @Override
  public String toString() {
    return "token";
  }
}
