package io.gantry.module.host.repository;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.PreparedModule;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers, beside the jars of the cache, what each module was made of: the gateway starts without
 * its repositories and gets the very same bundles. Records are written only when they change. Two
 * threads never work on the same module; each file is replaced atomically.
 */
public final class Records {

  private static final Logger LOG = LoggerFactory.getLogger(Records.class);
  private static final String RECORD = ".module";
  private static final String REMOVED = ".removed";

  /** How many removed modules can be brought back without a repository. */
  private static final int REMOVED_KEPT = 8;

  private final Cache cache;

  public Records(Cache cache) {
    this.cache = cache;
  }

  /** What the module was made of when it was last prepared from exactly this image reference. */
  public Optional<PreparedModule> find(ModuleSpec spec) {
    String image = spec.image().toString();
    return read(file(spec.name(), RECORD))
        .or(() -> read(file(spec.name(), REMOVED)))
        .orElse(ModuleRecord.EMPTY)
        .entries()
        .stream()
        .filter(entry -> entry.image().equals(image))
        .filter(entry -> entry.digests().stream().allMatch(cache::isIntact))
        .findFirst()
        .map(entry -> entry.prepared(spec));
  }

  /** Remembers a prepared module until it is installed or another one is prepared. */
  public void prepared(PreparedModule module) throws IOException {
    ModuleRecord old = readOrEmpty(module.spec().name());
    write(module.spec().name(), old, old.prepared(module));
  }

  /** Remembers what was installed, and what it replaced. */
  public void installed(PreparedModule module) throws IOException {
    ModuleRecord old = readOrEmpty(module.spec().name());
    write(module.spec().name(), old, old.installed(module));
  }

  /** The module was removed; of the removed ones the last few are kept. */
  public void removed(String name) throws IOException {
    Path record = file(name, RECORD);
    if (Files.exists(record)) {
      Files.move(record, file(name, REMOVED), StandardCopyOption.REPLACE_EXISTING);
    }
    List<Path> removed = files("*" + REMOVED);
    removed.sort(Comparator.comparing(Records::lastModified).reversed());
    for (Path old : removed.subList(Math.min(REMOVED_KEPT, removed.size()), removed.size())) {
      Files.deleteIfExists(old);
    }
  }

  /** The digests of all jars that a record names. */
  public Set<String> digests() throws IOException {
    Set<String> digests = new LinkedHashSet<>();
    for (Path file : files("*{" + RECORD + "," + REMOVED + "}")) {
      digests.addAll(read(file).orElse(ModuleRecord.EMPTY).digests());
    }
    return digests;
  }

  private ModuleRecord readOrEmpty(String name) {
    return read(file(name, RECORD)).orElse(ModuleRecord.EMPTY);
  }

  private void write(String name, ModuleRecord old, ModuleRecord changed) throws IOException {
    if (!changed.equals(old)) {
      cache.write(file(name, RECORD).getFileName().toString(), changed.toText().getBytes(UTF_8));
    }
  }

  private List<Path> files(String glob) throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(cache.folder(), glob)) {
      List<Path> files = new ArrayList<>();
      stream.forEach(files::add);
      return files;
    }
  }

  private Path file(String module, String suffix) {
    return cache.folder().resolve(URLEncoder.encode(module, UTF_8) + suffix);
  }

  private static Optional<ModuleRecord> read(Path file) {
    try {
      return Optional.of(ModuleRecord.parse(Files.readString(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("cache: the record {} cannot be read and is ignored: {}", file, e.toString());
      return Optional.empty();
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
