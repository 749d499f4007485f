package io.gantry.console.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A password or token: made at the first start, kept in a file of the data folder that only its
 * owner can read. There is no default, and it is never logged. Who wants another one writes it into
 * the file and restarts.
 */
public final class KeptSecret {

  private static final Logger LOG = LoggerFactory.getLogger(KeptSecret.class);
  private static final int LENGTH = 24;
  private static final int SHORTEST = 12;
  // Without letters and digits that look alike: 5.8 bits each.
  private static final String LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

  private KeptSecret() {}

  /**
   * Reads it, or makes one.
   *
   * @param what it is, for whoever reads the log
   * @throws IOException when it can neither be read nor written, or is too short to be one
   */
  public static String readOrCreate(Path file, String what) throws IOException {
    String secret;
    try {
      secret = Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      return create(file, what);
    }
    if (secret.isEmpty()) {
      return create(file, what);
    }
    if (secret.length() < SHORTEST) {
      throw new IOException(
          what
              + " in "
              + file
              + ": expected at least "
              + SHORTEST
              + " characters; delete the file to get a new one");
    }
    if (PrivateFile.tighten(file)) {
      LOG.warn(
          "{} was readable by others; it is not any more, but what is in it may be known", file);
    }
    return secret;
  }

  private static String create(Path file, String what) throws IOException {
    SecureRandom random = new SecureRandom();
    StringBuilder secret = new StringBuilder();
    for (int i = 0; i < LENGTH; i++) {
      secret.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    PrivateFile.write(file, secret + "\n");
    LOG.info("a {} was made and written to {}", what, file);
    return secret.toString();
  }
}
