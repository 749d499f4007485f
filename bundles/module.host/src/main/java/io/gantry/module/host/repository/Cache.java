package io.gantry.module.host.repository;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.gantry.module.host.fetch.FetchException;
import io.gantry.module.host.index.BoundedInputStream;
import io.gantry.module.host.index.Digest;
import io.gantry.module.host.index.IndexedResource;
import io.gantry.module.host.index.JarFolder;
import io.gantry.spi.module.RepositoryRegistry.Collected;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local store of jars, each under its SHA-256. A file gets its name only after it was synced
 * and its digest was calculated, so that a power cut leaves a file of the right content or a
 * temporary one. What lies here is checked again before each use: flash wears. Any thread.
 */
public final class Cache {

  /** The largest jar. */
  static final long MAX_JAR_BYTES = 1L << 30;

  private static final Logger LOG = LoggerFactory.getLogger(Cache.class);

  /** What downloads leave to others, above all to the store, which lies on the same disk. */
  static final long RESERVE_BYTES = 16L << 20;

  private static final String JAR = ".jar";
  private static final String TEMPORARY = ".tmp";

  /** Looks at a jar before it gets its name. */
  @FunctionalInterface
  interface Check {
    void look(Path jar, String sha256) throws IOException;
  }

  /** Tells how much fits on a disk. */
  @FunctionalInterface
  interface Room {
    long bytes() throws IOException;
  }

  private final Path folder;
  private final Room room;
  private final Lock lock = new ReentrantLock();
  // under the lock, so that nothing is claimed between a look at the claims and a deletion
  private final Map<String, Set<String>> claims = new HashMap<>();

  /** Creates the folder when it is missing, and forgets copies that were never finished. */
  public Cache(Path folder) throws IOException {
    this(folder, () -> Files.getFileStore(folder).getUsableSpace());
  }

  Cache(Path folder, Room room) throws IOException {
    this.folder = folder;
    this.room = room;
    Files.createDirectories(folder);
    try (DirectoryStream<Path> torn = Files.newDirectoryStream(folder, "*" + TEMPORARY)) {
      for (Path file : torn) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Where the jar of this digest is or would be. */
  public Path path(String sha256) {
    return folder.resolve(sha256 + JAR);
  }

  /** Whether there is a file for the digest; its content is not looked at. */
  public boolean contains(String sha256) {
    return Files.exists(path(sha256));
  }

  /** Whether the file of this digest is there and has that content. */
  public boolean isIntact(String sha256) {
    try (InputStream in = Files.newInputStream(path(sha256))) {
      return Digest.of(in).equals(sha256);
    } catch (IOException e) {
      return false;
    }
  }

  /** The bundles in the cache, as a repository. */
  public List<IndexedResource> bundles() throws IOException {
    return JarFolder.read(
        "the local cache",
        folder,
        jar -> Optional.of(digestOf(jar)),
        (jar, why) -> LOG.warn("cache: {} is left out: {}", jar.getFileName(), why));
  }

  // ---- what stays --------------------------------------------------------------------------

  /** Keeps jars, there or yet to come, from being deleted, beside what the owner claims already. */
  public void claim(String owner, Collection<String> digests) {
    locked(() -> claims.computeIfAbsent(owner, o -> new HashSet<>()).addAll(digests));
  }

  /** From now on the owner claims these and nothing more. */
  public void claimOnly(String owner, Set<String> digests) {
    locked(() -> claims.put(owner, new HashSet<>(digests)));
  }

  /** Ends the claims of owners for whom others keep everything now. */
  void releaseAllWithin(Set<String> digests) {
    locked(() -> claims.values().removeIf(digests::containsAll));
  }

  private boolean isClaimed(String sha256) {
    return claims.values().stream().anyMatch(claimed -> claimed.contains(sha256));
  }

  private <T> T locked(Supplier<T> task) {
    lock.lock();
    try {
      return task.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Deletes the jars whose digests are neither named nor claimed. A file that cannot be deleted
   * stays.
   */
  Collected retain(Set<String> digests) {
    return locked(() -> sweep(digests, false));
  }

  /** What {@link #retain} would leave if everything was named. */
  Collected keepAll() {
    return locked(() -> sweep(Set.of(), true));
  }

  private Collected sweep(Set<String> digests, boolean all) {
    int deleted = 0;
    int kept = 0;
    long freedBytes = 0;
    long keptBytes = 0;
    try {
      for (Path jar : JarFolder.jars(folder)) {
        long size = Files.size(jar);
        String sha256 = digestOf(jar);
        if (all || digests.contains(sha256) || isClaimed(sha256)) {
          kept++;
          keptBytes += size;
        } else if (Files.deleteIfExists(jar)) {
          deleted++;
          freedBytes += size;
          LOG.info("cache: {} is no longer used and was deleted", jar.getFileName());
        }
      }
    } catch (IOException e) {
      LOG.warn("cache {}: cannot delete what is no longer used: {}", folder, e.toString());
    }
    return new Collected(deleted, freedBytes, kept, keptBytes);
  }

  private static String digestOf(Path jar) {
    String name = jar.getFileName().toString();
    return name.substring(0, name.length() - JAR.length());
  }

  // ---- what comes --------------------------------------------------------------------------

  /**
   * Copies a jar into the cache, unless the check refuses it.
   *
   * @param check is given the digest, which becomes the file's name
   */
  String add(InputStream source, Check check) throws IOException {
    Path temporary = Files.createTempFile(folder, "new", TEMPORARY);
    Files.delete(temporary);
    try {
      String sha256 = copy(new BoundedInputStream(source, MAX_JAR_BYTES), temporary);
      check.look(temporary, sha256);
      adopt(temporary, sha256);
      return sha256;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Gives a jar that was synced and checked its name. */
  void adopt(Path file, String sha256) throws IOException {
    WholeFile.commit(file, path(sha256));
  }

  /**
   * Refuses what would leave too little of the disk.
   *
   * @param bytes that are still to come; negative when not known
   */
  void checkRoom(long bytes) throws IOException {
    long free = room.bytes();
    if (Math.max(bytes, 0) > free - RESERVE_BYTES) {
      throw FetchException.temporary(
          "does not fit on the disk of the local cache: "
              + free
              + " bytes are free, of which "
              + RESERVE_BYTES
              + " are left to others",
          null);
    }
  }

  private static String copy(InputStream source, Path target) throws IOException {
    Digest digest = new Digest();
    byte[] buffer = new byte[64 << 10];
    try (FileChannel file = FileChannel.open(target, CREATE_NEW, WRITE)) {
      for (int n = source.read(buffer); n >= 0; n = source.read(buffer)) {
        digest.update(buffer, 0, n);
        writeFully(file, ByteBuffer.wrap(buffer, 0, n));
      }
      file.force(true);
    }
    return digest.hex();
  }

  static void writeFully(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }
}
