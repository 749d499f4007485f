package io.gantry.spi.identity;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/** How an identity proves that it is itself. */
public sealed interface AuthenticationMethod {

  /**
   * By tokens signed with one of two keys; with two, one can be replaced while the other is in use.
   *
   * @param primary 16 to 64 bytes in Base64
   * @param secondary the same
   */
  record SasKeys(String primary, String secondary) implements AuthenticationMethod {

    public SasKeys {
      requireNonNull(primary);
      requireNonNull(secondary);
    }

    /** Without the keys. */
    @Override
    public String toString() {
      return "SasKeys";
    }
  }

  /**
   * By a certificate of one of two thumbprints, whoever has signed it.
   *
   * @param primary SHA-1 or SHA-256 of the certificate in upper-case hexadecimal digits
   * @param secondary the same
   */
  record Thumbprints(String primary, Optional<String> secondary) implements AuthenticationMethod {

    public Thumbprints {
      requireNonNull(primary);
      requireNonNull(secondary);
    }
  }

  /** By a certificate of an authority that this gateway trusts, with the device id as its name. */
  record Authority() implements AuthenticationMethod {}
}
