package io.gantry.security.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that only its owner may read, in a folder that only its owner may enter. It never exists
 * with wider permissions, not even for a moment, and never half written: temporary file, sync,
 * rename, sync of the folder.
 */
public final class PrivateFile {

  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OWNER_FOLDER =
      PosixFilePermissions.fromString("rwx------");

  /** More than any file that we read: whoever named a huge one by mistake shall not fill memory. */
  private static final long MAX_BYTES = 1 << 20;

  private PrivateFile() {}

  /** Creates the folder and those above it, durably, and takes the rights of others away. */
  public static void createFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      create(folder.toAbsolutePath());
    }
    narrow(folder, OWNER_FOLDER);
  }

  private static void create(Path folder) throws IOException {
    Path parent = folder.getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      create(parent);
    }
    try {
      Files.createDirectory(folder, attributes(folder, OWNER_FOLDER));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw new IOException(folder + " is a file, expected a folder", e);
      }
      // Another component of this bundle, which starts beside us, was faster.
    }
    if (parent != null) {
      sync(parent);
    }
  }

  /** Writes or replaces the file. */
  public static void write(Path file, byte[] content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path temporary = folder.resolve(file.getFileName() + ".tmp");
    Files.deleteIfExists(temporary);
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            attributes(temporary, OWNER))) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(folder);
  }

  /** Reads all of a file that is not unreasonably long. */
  public static byte[] read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new IOException(
          file + ": expected at most " + MAX_BYTES + " bytes, found " + size + " bytes");
    }
    return Files.readAllBytes(file);
  }

  /** Gives a file another name in its folder, and replaces what had that name. */
  public static void setAside(Path file, String name) throws IOException {
    Files.move(
        file,
        file.resolveSibling(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    sync(file.toAbsolutePath().getParent());
  }

  /**
   * Takes the rights of others away if there are any.
   *
   * @return whether there were
   */
  public static boolean tighten(Path file) throws IOException {
    return narrow(file, OWNER);
  }

  private static boolean narrow(Path file, Set<PosixFilePermission> most) throws IOException {
    if (!posix(file) || most.containsAll(Files.getPosixFilePermissions(file))) {
      return false;
    }
    Files.setPosixFilePermissions(file, most);
    return true;
  }

  private static FileAttribute<?>[] attributes(Path file, Set<PosixFilePermission> permissions) {
    return posix(file)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
        : new FileAttribute<?>[0];
  }

  private static void sync(Path folder) throws IOException {
    if (posix(folder)) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static boolean posix(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
