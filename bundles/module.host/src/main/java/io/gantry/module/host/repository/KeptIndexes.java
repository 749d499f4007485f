package io.gantry.module.host.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.gantry.module.host.index.BoundedInputStream;
import io.gantry.module.host.index.Digest;
import io.gantry.module.host.index.IndexReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last good index of each remote repository, so that an unchanged one need not be sent again.
 * Nothing is ever taken from here without asking the repository. Bounded: the one that was not used
 * for longest goes first. Any thread; two that read the same repository at once do it twice.
 */
final class KeptIndexes {

  private static final Logger LOG = LoggerFactory.getLogger(KeptIndexes.class);
  private static final long MAX_BYTES = 2 * IndexReader.MAX_BYTES;
  private static final int MAX_COUNT = 32;
  private static final String INDEX = ".index";
  private static final String TEMPORARY = ".tmp";
  private static final String FACTS = ".properties";

  /**
   * An index that was read well.
   *
   * @param url what was asked for
   * @param etag as the server gave it
   * @param lastModified as the server gave it
   * @param sha256 of the file
   */
  record Kept(URI url, Optional<String> etag, Optional<String> lastModified, String sha256) {}

  private final Path folder;

  KeptIndexes(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder);
    try (DirectoryStream<Path> torn = Files.newDirectoryStream(folder, "*" + TEMPORARY)) {
      for (Path file : torn) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** What is kept of a repository, when it is intact. */
  Optional<Kept> find(String address) {
    Properties facts = new Properties();
    try {
      facts.load(new StringReader(Files.readString(file(address, FACTS))));
      Kept kept =
          new Kept(
              URI.create(facts.getProperty("url", "")),
              Optional.ofNullable(facts.getProperty("etag")),
              Optional.ofNullable(facts.getProperty("lastModified")),
              facts.getProperty("sha256", ""));
      try (InputStream in = Files.newInputStream(file(address, INDEX))) {
        return Digest.of(in).equals(kept.sha256()) ? Optional.of(kept) : Optional.empty();
      }
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The kept index as text, unpacked. */
  InputStream open(String address) throws IOException {
    return unpacked(file(address, INDEX));
  }

  /** Writes what comes into a file that is not kept yet; the caller deletes it. */
  Path receive(InputStream in) throws IOException {
    Path temporary = Files.createTempFile(folder, "new", TEMPORARY);
    InputStream bounded = new BoundedInputStream(in, IndexReader.MAX_BYTES);
    try (FileChannel file = FileChannel.open(temporary, CREATE, TRUNCATE_EXISTING, WRITE)) {
      byte[] buffer = new byte[64 << 10];
      for (int n = bounded.read(buffer); n >= 0; n = bounded.read(buffer)) {
        for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n); bytes.hasRemaining(); ) {
          file.write(bytes);
        }
      }
      file.force(true);
      return temporary;
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  /** Packed or not is seen by its first bytes: servers and file names do not agree on it. */
  static InputStream unpacked(Path file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file));
    try {
      raw.mark(2);
      boolean packed = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      return new BoundedInputStream(packed ? new GZIPInputStream(raw) : raw, IndexReader.MAX_BYTES);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /** Keeps a file that was received and read well; one that cannot be kept is sent again. */
  void keep(String address, Path received, Kept kept) {
    Properties facts = new Properties();
    facts.setProperty("address", address);
    facts.setProperty("url", kept.url().toString());
    kept.etag().ifPresent(value -> facts.setProperty("etag", value));
    kept.lastModified().ifPresent(value -> facts.setProperty("lastModified", value));
    facts.setProperty("sha256", kept.sha256());
    try {
      StringWriter text = new StringWriter();
      facts.store(text, null);
      // The index first: facts that do not fit are found out by the digest.
      WholeFile.commit(received, file(address, INDEX));
      Files.write(file(address, FACTS), text.toString().getBytes(UTF_8));
      prune();
    } catch (IOException e) {
      LOG.warn("the index of repository {} cannot be kept: {}", address, e.toString());
    }
  }

  /** It was of use. */
  void touch(String address, FileTime now) {
    try {
      Files.setLastModifiedTime(file(address, INDEX), now);
    } catch (IOException e) {
      LOG.debug("the index of {} cannot be touched: {}", address, e.toString());
    }
  }

  private void prune() throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "*" + INDEX)) {
      stream.forEach(files::add);
    }
    files.sort(Comparator.comparing(KeptIndexes::lastModified).reversed());
    long bytes = 0;
    for (int i = 0; i < files.size(); i++) {
      bytes += Files.size(files.get(i));
      if (i >= MAX_COUNT || bytes > MAX_BYTES) {
        String name = files.get(i).getFileName().toString();
        Files.deleteIfExists(files.get(i));
        Files.deleteIfExists(folder.resolve(name.replace(INDEX, FACTS)));
      }
    }
  }

  private static FileTime lastModified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }

  private Path file(String address, String suffix) {
    Digest digest = new Digest();
    byte[] bytes = address.getBytes(UTF_8);
    digest.update(bytes, 0, bytes.length);
    return folder.resolve(digest.hex().substring(0, 32) + suffix);
  }
}
