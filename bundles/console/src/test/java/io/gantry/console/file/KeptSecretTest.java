package io.gantry.console.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptSecretTest {

  @TempDir Path folder;

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void theFirstStartMakesALongPasswordThatOnlyTheOwnerCanRead() throws IOException {
    Path file = folder.resolve("data/console.password");
    String password = KeptSecret.readOrCreate(file, "password");
    assertTrue(password.length() >= 20, password);
    assertEquals("rw-------", permissions(file));
    assertEquals(password, KeptSecret.readOrCreate(file, "password"));
    assertFalse(Files.exists(folder.resolve("data/console.password.tmp")));
    assertNotEquals(password, KeptSecret.readOrCreate(folder.resolve("other"), "password"));
  }

  @Test
  void aPasswordOfTheOwnersChoiceIsTakenAndTakenFromOthers() throws IOException {
    Path file = Files.writeString(folder.resolve("p"), "correct-horse-battery\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals("correct-horse-battery", KeptSecret.readOrCreate(file, "password"));
    assertEquals("rw-------", permissions(file));
  }

  @Test
  void aShortPasswordIsRefusedAndAnEmptyFileReplaced() throws IOException {
    Path file = Files.writeString(folder.resolve("p"), "admin\n");
    assertThrows(IOException.class, () -> KeptSecret.readOrCreate(file, "password"));
    Files.writeString(file, "");
    assertTrue(KeptSecret.readOrCreate(file, "password").length() >= 20);
  }
}
