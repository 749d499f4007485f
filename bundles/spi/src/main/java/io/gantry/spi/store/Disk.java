package io.gantry.spi.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The seam between the store and the file system: everything that a power cut could tear goes
 * through here, so that a test can tear it. Paths are absolute. Safe for use by several threads, a
 * single {@link DiskFile} is not.
 */
public interface Disk {

  /** Opens for reading and writing; creates an empty file when there is none. */
  DiskFile open(Path file) throws IOException;

  /**
   * Opens for reading.
   *
   * @throws java.nio.file.NoSuchFileException when there is none; never creates it
   */
  DiskFile openExisting(Path file) throws IOException;

  /** The plain files directly in a folder, by name in ascending order; empty when it is missing. */
  List<Path> list(Path folder) throws IOException;

  /** Creates a folder and its parents, durably. */
  void createFolder(Path folder) throws IOException;

  /** Renames atomically and replaces the target; durable only after {@link #syncFolder}. */
  void rename(Path from, Path to) throws IOException;

  /** Deletes if it exists; durable only after {@link #syncFolder}. */
  void delete(Path file) throws IOException;

  /** Makes creations, renames and deletions in a folder durable. */
  void syncFolder(Path folder) throws IOException;

  /** Bytes that may still be written to the file system that holds the folder. */
  long usableSpace(Path folder) throws IOException;
}
