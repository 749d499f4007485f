package io.gantry.module.host.repository;

import io.gantry.module.host.index.BoundedInputStream;
import io.gantry.module.host.index.IndexReader;
import io.gantry.module.host.index.IndexedResource;
import io.gantry.module.host.index.JarFolder;
import io.gantry.module.host.index.JarFolder.Digests;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configured repositories. An address is the path or {@code file:} URL of an index, of a folder
 * that holds {@code index.xml} or {@code index.xml.gz}, or of a folder of jars. Nothing is kept
 * between two calls, so that a changed index is seen at once. Any thread.
 */
public final class Repositories {

  private static final Logger LOG = LoggerFactory.getLogger(Repositories.class);
  private static final long MAX_INDEX_BYTES = 64L << 20;

  private final List<String> addresses;

  /**
   * @param addresses in order of preference
   */
  public Repositories(List<String> addresses) {
    this.addresses = List.copyOf(addresses);
  }

  /**
   * Reads all repositories, one of an image before the configured ones. One that cannot be read
   * does not spoil the others.
   */
  public Catalog read(Optional<String> ofImage) {
    Set<String> asked = new LinkedHashSet<>();
    ofImage.ifPresent(asked::add);
    asked.addAll(addresses);
    List<IndexedResource> resources = new ArrayList<>();
    Map<String, String> unreadable = new LinkedHashMap<>();
    for (String address : asked) {
      try {
        resources.addAll(read(address));
      } catch (IOException e) {
        LOG.warn("repository {} cannot be read: {}", address, reason(e));
        unreadable.put(address, reason(e));
      }
    }
    return new Catalog(List.copyOf(asked), resources, unreadable);
  }

  private static List<IndexedResource> read(String address) throws IOException {
    Path path = path(address);
    if (!Files.isDirectory(path)) {
      return index(address, path);
    }
    for (String name : List.of("index.xml", "index.xml.gz")) {
      if (Files.exists(path.resolve(name))) {
        return index(address, path.resolve(name));
      }
    }
    return JarFolder.read(
        address,
        path,
        Digests.UNKNOWN,
        (jar, why) ->
            LOG.warn("repository {}: {} is left out: {}", address, jar.getFileName(), why));
  }

  private static List<IndexedResource> index(String address, Path file) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
      InputStream bounded = new BoundedInputStream(in, MAX_INDEX_BYTES);
      return IndexReader.read(address, file.toUri(), bounded);
    }
  }

  private static Path path(String address) throws IOException {
    try {
      return address.startsWith("file:") ? Path.of(new URI(address)) : Path.of(local(address));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new IOException("expected a path or a file: URL (" + e.getMessage() + ")", e);
    }
  }

  private static String local(String address) throws IOException {
    if (address.matches("[A-Za-z][A-Za-z0-9+.-]+://.*")) {
      throw new IOException("only repositories on a local disk can be read, this is a remote one");
    }
    return address;
  }

  private static String reason(IOException e) {
    boolean missing = e instanceof FileNotFoundException || e instanceof NoSuchFileException;
    return missing ? "there is no such file" : String.valueOf(e.getMessage());
  }
}
