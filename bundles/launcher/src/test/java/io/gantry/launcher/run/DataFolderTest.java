package io.gantry.launcher.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.launcher.cli.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {

  @TempDir Path folder;

  /** Another process: takes the lock, says so, and keeps it until its input ends. */
  static final class Holder {
    public static void main(String[] arguments) throws Exception {
      try (DataFolder held =
          DataFolder.open(Path.of(arguments[0]), ProcessHandle.current().pid())) {
        System.out.println(held.path());
        System.out.flush();
        System.in.read();
      }
    }
  }

  private static Process holder(Path data) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    InputStream out = process.getInputStream();
    assertTrue(out.read() >= 0, "the other process did not get the lock");
    return process;
  }

  @Test
  void aFolderThatIsNotThereIsCreatedForTheOwner() throws Exception {
    Path data = folder.resolve("a/b");
    try (DataFolder held = DataFolder.open(data, 1)) {
      assertEquals(data, held.path());
      assertEquals(
          "rwx------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("run"))));
      assertTrue(Files.isDirectory(data.resolve("logs")));
    }
  }

  @Test
  void aSecondInstanceIsRefusedAndToldThePidOfTheFirst() throws Exception {
    Process first = holder(folder);
    CommandException refused =
        assertThrows(CommandException.class, () -> DataFolder.open(folder, 2));
    assertEquals(1, refused.exitCode());
    assertEquals(
        "data folder " + folder + " is in use by the running instance with pid " + first.pid(),
        refused.getMessage());
    first.getOutputStream().close();
    assertTrue(first.waitFor(60, TimeUnit.SECONDS));
  }

  @Test
  void theLockOfAnInstanceThatWasKilledIsFree() throws Exception {
    Process first = holder(folder);
    first.destroyForcibly();
    assertTrue(first.waitFor(60, TimeUnit.SECONDS));
    try (DataFolder held = DataFolder.open(folder, 77)) {
      assertEquals("77", Files.readString(held.path().resolve("run/lock")).strip());
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamedWithTheUser() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    CommandException failed =
        assertThrows(CommandException.class, () -> DataFolder.open(file.resolve("data"), 1));
    assertEquals(
        "user "
            + System.getProperty("user.name")
            + " cannot write the data folder "
            + file.resolve("data")
            + ": "
            + file
            + " is a file, expected a folder; choose another with --data or GANTRY_DATA",
        failed.getMessage());
  }
}
