package io.gantry.spi.security;

import java.security.GeneralSecurityException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Seals what must not stand readable on disk, with a key of this gateway (AES-256 in GCM). Safe for
 * use by any number of threads.
 */
@ProviderType
public interface Vault {

  /**
   * Seals.
   *
   * @param purpose what it is for, for example {@code identity/thermo1}: it can be opened for the
   *     same purpose only
   */
  byte[] seal(String purpose, byte[] content);

  /**
   * Opens what was sealed.
   *
   * @throws GeneralSecurityException when it was changed, or sealed by another gateway or for
   *     another purpose
   */
  byte[] open(String purpose, byte[] sealed) throws GeneralSecurityException;
}
