package io.gantry.module.host.repository;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Downloads that are not complete yet, each under the digest that it shall have. They survive tries
 * and restarts; beside each stands where it comes from and what the server called it, so that it
 * goes on only where it began. Bounded: those that were not worked on for longest go first.
 */
final class Partials {

  private static final Logger LOG = LoggerFactory.getLogger(Partials.class);
  private static final String PART = ".part";
  private static final String ORIGIN = ".origin";

  private final Path folder;

  /**
   * Where a partial download comes from.
   *
   * @param validator for the header If-Range: a strong entity tag or a date
   */
  record Origin(URI uri, Optional<String> validator) {}

  Partials(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder);
  }

  /** The file of what has come; it need not exist. */
  Path file(String sha256) {
    return folder.resolve(sha256 + PART);
  }

  /** How much has come, of what is said to come from there. */
  long length(String sha256) throws IOException {
    Path file = file(sha256);
    return Files.exists(file) ? Files.size(file) : 0;
  }

  Optional<Origin> origin(String sha256) {
    try {
      List<String> lines = Files.readAllLines(folder.resolve(sha256 + ORIGIN));
      return Optional.of(
          new Origin(
              URI.create(lines.get(0)),
              lines.size() > 1 ? Optional.of(lines.get(1)) : Optional.empty()));
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  /**
   * Says where what comes now comes from; before the first byte of it is written.
   *
   * @param others which of the others may go when there are too many
   */
  void begin(String sha256, Origin origin, Predicate<String> others) throws IOException {
    Files.deleteIfExists(file(sha256));
    String text = origin.uri() + origin.validator().map(v -> "\n" + v).orElse("") + "\n";
    Files.write(folder.resolve(sha256 + ORIGIN), text.getBytes(UTF_8));
    prune(Cache.MAX_JAR_BYTES, others);
  }

  void delete(String sha256) throws IOException {
    Files.deleteIfExists(file(sha256));
    Files.deleteIfExists(folder.resolve(sha256 + ORIGIN));
  }

  /** Deletes those. */
  void clear(Predicate<String> which) {
    prune(0, which);
  }

  private void prune(long maxBytes, Predicate<String> which) {
    try {
      List<Path> files = new ArrayList<>();
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "*" + PART)) {
        stream.forEach(files::add);
      }
      files.sort(Comparator.comparing(Partials::lastModified).reversed());
      long bytes = 0;
      for (Path file : files) {
        bytes += Files.size(file);
        String name = file.getFileName().toString();
        String sha256 = name.substring(0, name.length() - PART.length());
        if (bytes > maxBytes && which.test(sha256)) {
          delete(sha256);
        }
      }
    } catch (IOException e) {
      LOG.warn("partial downloads in {} cannot be deleted: {}", folder, e.toString());
    }
  }

  private static FileTime lastModified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }
}
