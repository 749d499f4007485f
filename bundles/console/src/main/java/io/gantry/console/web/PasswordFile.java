package io.gantry.console.web;

import io.gantry.console.file.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The password of the Web Console: made at the first start, kept in a file of the data folder that
 * only its owner can read. There is no default password, and it is never logged. Who wants another
 * one writes it into the file and restarts.
 */
public final class PasswordFile {

  private static final Logger LOG = LoggerFactory.getLogger(PasswordFile.class);
  private static final int LENGTH = 24;
  private static final int SHORTEST = 12;
  // Without letters and digits that look alike: 5.8 bits each.
  private static final String LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

  private PasswordFile() {}

  /**
   * Reads the password, or makes one.
   *
   * @throws IOException when it can neither be read nor written, or is too short to be one
   */
  public static String readOrCreate(Path file) throws IOException {
    String password;
    try {
      password = Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      return create(file);
    }
    if (password.isEmpty()) {
      return create(file);
    }
    if (password.length() < SHORTEST) {
      throw new IOException(
          "password of the Web Console in "
              + file
              + ": expected at least "
              + SHORTEST
              + " characters; delete the file to get a new one");
    }
    if (PrivateFile.tighten(file)) {
      LOG.warn(
          "{} was readable by others; it is not any more, but its password may be known", file);
    }
    return password;
  }

  private static String create(Path file) throws IOException {
    SecureRandom random = new SecureRandom();
    StringBuilder password = new StringBuilder();
    for (int i = 0; i < LENGTH; i++) {
      password.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    PrivateFile.write(file, password + "\n");
    LOG.info("a password for the Web Console was made and written to {}", file);
    return password.toString();
  }
}
