package io.gantry.testkit.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.security.Vault;
import java.security.GeneralSecurityException;
import java.util.Arrays;

/** Makes what it seals unreadable, and knows for which purpose; no more. */
public final class FakeVault implements Vault {

  private static final byte MASK = 0x5a;

  @Override
  public byte[] seal(String purpose, byte[] content) {
    byte[] prefix = prefix(purpose);
    byte[] all = Arrays.copyOf(prefix, prefix.length + content.length);
    System.arraycopy(content, 0, all, prefix.length, content.length);
    return masked(all);
  }

  @Override
  public byte[] open(String purpose, byte[] sealed) throws GeneralSecurityException {
    byte[] prefix = prefix(purpose);
    byte[] all = masked(sealed);
    if (all.length < prefix.length
        || !Arrays.equals(prefix, 0, prefix.length, all, 0, prefix.length)) {
      throw new GeneralSecurityException("not sealed for " + purpose);
    }
    return Arrays.copyOfRange(all, prefix.length, all.length);
  }

  private static byte[] prefix(String purpose) {
    return (purpose + '\0').getBytes(UTF_8);
  }

  private static byte[] masked(byte[] bytes) {
    byte[] other = bytes.clone();
    for (int i = 0; i < other.length; i++) {
      other[i] ^= MASK;
    }
    return other;
  }
}
