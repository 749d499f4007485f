package io.gantry.console.management;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The secret of one run; who can read it from the data folder may manage the gateway. */
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

  /** Whether the header carries it; takes the same time whatever is wrong with it. */
  boolean matches(@Nullable String authorization) {
    if (authorization == null || !authorization.startsWith(SCHEME)) {
      return false;
    }
    byte[] given = authorization.substring(SCHEME.length()).getBytes(UTF_8);
    return MessageDigest.isEqual(given, text.getBytes(US_ASCII));
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
