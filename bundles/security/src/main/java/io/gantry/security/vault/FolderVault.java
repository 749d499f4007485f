package io.gantry.security.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.security.Vault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * A vault whose key lies in a folder. What is sealed looks like this: a byte for the format (1), 8
 * bytes for the id of the key, 12 for the nonce, then AES-256-GCM with a tag of 16. Format, id and
 * purpose are authenticated, too. A key that takes over one day is told from this one by its id.
 */
public final class FolderVault implements Vault {

  private static final byte FORMAT = 1;
  private static final int NONCE_LENGTH = 12;
  private static final int TAG_LENGTH = 16;
  private static final int HEADER_LENGTH = 1 + VaultKey.ID_LENGTH;

  private final SecureRandom random = new SecureRandom();
  private final VaultKey key;

  /** Opens the vault of the folder; makes it at the first start. */
  public FolderVault(Path folder) throws IOException {
    key = VaultKey.open(folder, random);
  }

  @Override
  public byte[] seal(String purpose, byte[] content) {
    byte[] nonce = new byte[NONCE_LENGTH];
    random.nextBytes(nonce);
    byte[] header = header();
    try {
      byte[] text = cipher(Cipher.ENCRYPT_MODE, nonce, header, purpose).doFinal(content);
      return ByteBuffer.allocate(header.length + nonce.length + text.length)
          .put(header)
          .put(nonce)
          .put(text)
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-256 in GCM", e);
    }
  }

  private byte[] header() {
    return ByteBuffer.allocate(HEADER_LENGTH).put(FORMAT).put(key.id()).array();
  }

  private Cipher cipher(int mode, byte[] nonce, byte[] header, String purpose)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key.key(), new GCMParameterSpec(TAG_LENGTH * 8, nonce));
    cipher.updateAAD(header);
    cipher.updateAAD(purpose.getBytes(UTF_8));
    return cipher;
  }

  @Override
  public byte[] open(String purpose, byte[] sealed) throws GeneralSecurityException {
    if (sealed.length < HEADER_LENGTH + NONCE_LENGTH + TAG_LENGTH || sealed[0] != FORMAT) {
      throw new GeneralSecurityException(
          "sealed content for "
              + purpose
              + ": expected format "
              + FORMAT
              + ", found "
              + sealed.length
              + " bytes of something else");
    }
    byte[] header = Arrays.copyOf(sealed, HEADER_LENGTH);
    if (!Arrays.equals(header, header())) {
      throw new GeneralSecurityException(
          "sealed content for "
              + purpose
              + ": expected key "
              + key.name()
              + ", found "
              + HexFormat.of().formatHex(header, 1, HEADER_LENGTH)
              + ": another gateway sealed it, or the key was replaced");
    }
    byte[] nonce = Arrays.copyOfRange(sealed, HEADER_LENGTH, HEADER_LENGTH + NONCE_LENGTH);
    int start = HEADER_LENGTH + NONCE_LENGTH;
    try {
      return cipher(Cipher.DECRYPT_MODE, nonce, header, purpose)
          .doFinal(sealed, start, sealed.length - start);
    } catch (AEADBadTagException e) {
      throw new GeneralSecurityException(
          "sealed content for " + purpose + ": it was changed, or sealed for another purpose", e);
    }
  }
}
