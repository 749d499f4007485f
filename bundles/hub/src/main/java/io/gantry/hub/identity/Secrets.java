package io.gantry.hub.identity;

import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** What nobody can guess. Safe for use by any number of threads. */
public final class Secrets {

  private static final int KEY_BYTES = 32;
  private static final int GENERATION_BYTES = 16;

  private final SecureRandom random = new SecureRandom();

  /** A key in Base64. */
  String key() {
    return Base64.getEncoder().encodeToString(bytes(KEY_BYTES));
  }

  /** Two keys. */
  public SasKeys keys() {
    return new SasKeys(key(), key());
  }

  /** What sets an identity apart from a later one of its name. */
  String generationId() {
    return HexFormat.of().formatHex(bytes(GENERATION_BYTES));
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
