package io.gantry.hub.identity;

import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.Authority;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.AuthenticationMethod.Thumbprints;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityException;
import io.gantry.spi.identity.IdentityException.Kind;
import io.gantry.spi.identity.ModuleIdentity;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What an operator may give an identity to prove itself with. */
final class MethodRule {

  private static final int LEAST_KEY_BYTES = 16;
  private static final int MOST_KEY_BYTES = 64;

  /** How tools print them: with colons or blanks between. */
  private static final Pattern BETWEEN = Pattern.compile("[:\\s]");

  private static final Pattern SHA_1_OR_256 = Pattern.compile("[0-9A-F]{40}|[0-9A-F]{64}");

  private final Identity identity;

  MethodRule(Identity identity) {
    this.identity = identity;
  }

  /**
   * The method as it is kept.
   *
   * @throws IdentityException when it is malformed, or not for this identity
   */
  AuthenticationMethod check(AuthenticationMethod method) throws IdentityException {
    if (method instanceof SasKeys keys) {
      checkKey("primary key", keys.primary());
      checkKey("secondary key", keys.secondary());
      return keys;
    }
    if (identity instanceof ModuleIdentity) {
      throw invalid("certificates are for devices only; a module proves itself with keys");
    }
    if (method instanceof Thumbprints given) {
      String primary = thumbprint("primary thumbprint", given.primary());
      return given.secondary().isEmpty()
          ? new Thumbprints(primary, Optional.empty())
          : new Thumbprints(
              primary, Optional.of(thumbprint("secondary thumbprint", given.secondary().get())));
    }
    return new Authority();
  }

  private void checkKey(String what, String key) throws IdentityException {
    int length = -1;
    try {
      length = Base64.getDecoder().decode(key).length;
    } catch (IllegalArgumentException notBase64) {
      throw invalid(what + ": expected Base64");
    }
    if (length < LEAST_KEY_BYTES || length > MOST_KEY_BYTES) {
      throw invalid(
          what
              + ": expected "
              + LEAST_KEY_BYTES
              + " to "
              + MOST_KEY_BYTES
              + " bytes in Base64, found "
              + length);
    }
  }

  private String thumbprint(String what, String given) throws IdentityException {
    String digits = BETWEEN.matcher(given).replaceAll("").toUpperCase(Locale.ROOT);
    if (!SHA_1_OR_256.matcher(digits).matches()) {
      throw invalid(
          what
              + ": expected the SHA-1 or SHA-256 of a certificate, 40 or 64 hexadecimal digits,"
              + " found "
              + digits.length()
              + " characters");
    }
    return digits;
  }

  private IdentityException invalid(String text) {
    return new IdentityException(Kind.INVALID, "Creating identity " + identity + ": " + text);
  }
}
