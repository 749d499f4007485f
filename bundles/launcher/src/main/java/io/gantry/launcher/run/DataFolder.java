package io.gantry.launcher.run;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.gantry.launcher.cli.CommandException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The data folder, held by a lock as long as the process lives: the operating system takes the lock
 * back after any kind of end, so a file that a power cut left behind means nothing.
 */
final class DataFolder implements AutoCloseable {

  // Behind the text, so that others may read the text where locks are mandatory.
  private static final long LOCKED_BYTE = 1 << 20;
  private static final String OWNER_ONLY = "rwx------";
  private static final String OWNER_AND_GROUP = "rwxr-x---";

  private final Path folder;
  private final FileChannel channel;

  private DataFolder(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Creates the folder where needed and takes its lock.
   *
   * @throws CommandException when another instance holds it or it cannot be written
   */
  static DataFolder open(Path folder, long pid) throws CommandException {
    Path run = folder.resolve("run");
    try {
      createFolder(folder, OWNER_AND_GROUP);
      createFolder(run, OWNER_ONLY);
      createFolder(folder.resolve("logs"), OWNER_AND_GROUP);
      FileChannel channel =
          FileChannel.open(
              run.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (!locked(channel)) {
        String holder = holder(channel);
        channel.close();
        throw CommandException.failed(
            "data folder " + folder + " is in use by the running instance" + holder);
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((pid + "\n").getBytes(US_ASCII)), 0);
      return new DataFolder(folder, channel);
    } catch (IOException e) {
      throw CommandException.failed(
          "user "
              + System.getProperty("user.name")
              + " cannot write the data folder "
              + folder
              + ": "
              + reason(e)
              + "; choose another with --data or GANTRY_DATA");
    }
  }

  private static String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException exists) {
      return exists.getFile() + " is a file, expected a folder";
    }
    if (e instanceof AccessDeniedException denied) {
      return "access to " + denied.getFile() + " is denied";
    }
    return e instanceof FileSystemException other && other.getReason() != null
        ? other.getFile() + ": " + other.getReason()
        : e.toString();
  }

  private static void createFolder(Path folder, String permissions) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    try {
      Files.createDirectory(
          folder,
          posix
              ? new FileAttribute<?>[] {
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
              }
              : new FileAttribute<?>[0]);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(32);
    channel.read(text, 0);
    String pid = new String(text.array(), 0, text.position(), US_ASCII).strip();
    return pid.isEmpty() ? "" : " with pid " + pid;
  }

  /** Where it is. */
  Path path() {
    return folder;
  }

  /** Lets the lock go; the file stays, for deleting it would race with the next one to lock it. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
