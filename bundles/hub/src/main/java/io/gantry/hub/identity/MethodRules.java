package io.gantry.hub.identity;

import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.AuthenticationMethod.Thumbprints;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;

/** What an identity may prove itself by. Any thread. */
final class MethodRules {

  private static final int FRESH_KEY = 32;
  private static final int SHORTEST_KEY = 16;
  private static final int LONGEST_KEY = 64;
  private static final Pattern THUMBPRINT = Pattern.compile("[0-9A-F]{40}|[0-9A-F]{64}");

  private final SecureRandom random = new SecureRandom();

  SasKeys freshKeys() {
    return new SasKeys(freshKey(), freshKey());
  }

  String freshKey() {
    byte[] key = new byte[FRESH_KEY];
    random.nextBytes(key);
    return Base64.getEncoder().encodeToString(key);
  }

  /**
   * Checks what a caller gave, and writes thumbprints in one way.
   *
   * @throws IllegalArgumentException saying what is wrong, without keys
   */
  AuthenticationMethod checked(Identity identity, AuthenticationMethod method) {
    if (method instanceof SasKeys keys) {
      requireKey("primary key", keys.primary());
      requireKey("secondary key", keys.secondary());
      return keys;
    }
    if (!(identity instanceof DeviceIdentity)) {
      throw new IllegalArgumentException(
          "expected keys: only devices prove who they are by a certificate");
    }
    return method instanceof Thumbprints prints
        ? new Thumbprints(
            thumbprint("primary thumbprint", prints.primary()),
            prints.secondary().map(second -> thumbprint("secondary thumbprint", second)))
        : method;
  }

  private static void requireKey(String what, String key) {
    int length;
    try {
      length = Base64.getDecoder().decode(key).length;
    } catch (IllegalArgumentException notBase64) {
      throw new IllegalArgumentException(what + ": expected Base64");
    }
    if (length < SHORTEST_KEY || length > LONGEST_KEY) {
      throw new IllegalArgumentException(
          what
              + ": expected "
              + SHORTEST_KEY
              + " to "
              + LONGEST_KEY
              + " bytes in Base64, found "
              + length);
    }
  }

  private static String thumbprint(String what, String text) {
    String bare = text.replaceAll("[: ]", "").toUpperCase(Locale.ROOT);
    if (!THUMBPRINT.matcher(bare).matches()) {
      throw new IllegalArgumentException(
          what + ": expected 40 (SHA-1) or 64 (SHA-256) hexadecimal digits");
    }
    return bare;
  }
}
