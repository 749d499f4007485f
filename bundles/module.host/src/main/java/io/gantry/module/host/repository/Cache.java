package io.gantry.module.host.repository;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.gantry.module.host.index.BoundedInputStream;
import io.gantry.module.host.index.Digest;
import io.gantry.module.host.index.IndexedResource;
import io.gantry.module.host.index.JarFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local store of jars, each under its SHA-256. A file gets its name only after it was synced
 * and its digest was calculated, so that a power cut leaves a file of the right content or a
 * temporary one. What lies here is checked again before each use: flash wears. Any thread.
 */
public final class Cache {

  private static final Logger LOG = LoggerFactory.getLogger(Cache.class);
  private static final String JAR = ".jar";
  private static final String TEMPORARY = ".tmp";
  private static final long MAX_JAR_BYTES = 1L << 30;

  private final Path folder;
  private final Set<String> claims = ConcurrentHashMap.newKeySet();

  /** Creates the folder when it is missing, and forgets downloads that were never finished. */
  public Cache(Path folder) throws IOException {
    this.folder = folder;
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

  /** Keeps the jar of this digest, there or yet to come, from being deleted as unused. */
  public void claim(String sha256) {
    claims.add(sha256);
  }

  /** Ends the claim. */
  public void release(Set<String> digests) {
    claims.removeAll(digests);
  }

  /**
   * Copies a jar into the cache, and claims it.
   *
   * @return its digest, which is also the file's name
   */
  public String add(InputStream source) throws IOException {
    Path temporary = Files.createTempFile(folder, "new", TEMPORARY);
    Files.delete(temporary);
    try {
      String sha256 = copy(new BoundedInputStream(source, MAX_JAR_BYTES), temporary);
      claim(sha256);
      commit(temporary, path(sha256));
      return sha256;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Writes a small file beside the jars, whole or not at all. */
  void write(String name, byte[] content) throws IOException {
    Path temporary = folder.resolve(name + TEMPORARY);
    Files.deleteIfExists(temporary);
    try (FileChannel file = FileChannel.open(temporary, CREATE_NEW, WRITE)) {
      writeFully(file, ByteBuffer.wrap(content));
      file.force(true);
    }
    commit(temporary, folder.resolve(name));
  }

  Path folder() {
    return folder;
  }

  /**
   * Deletes the jars whose digests are neither named nor claimed. A file that cannot be deleted
   * stays.
   */
  public void retain(Set<String> digests) {
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*" + JAR)) {
      for (Path jar : jars) {
        if (!digests.contains(digestOf(jar)) && !claims.contains(digestOf(jar))) {
          Files.deleteIfExists(jar);
          LOG.info("cache: {} is no longer used and was deleted", jar.getFileName());
        }
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("cache {}: cannot delete what is no longer used: {}", folder, e.toString());
    }
  }

  private static String digestOf(Path jar) {
    String name = jar.getFileName().toString();
    return name.substring(0, name.length() - JAR.length());
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

  private static void writeFully(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  private void commit(Path temporary, Path target) throws IOException {
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(folder, READ)) {
      directory.force(true);
    } catch (IOException e) {
      LOG.debug("cache {}: this file system cannot sync a folder: {}", folder, e.toString());
    }
  }
}
