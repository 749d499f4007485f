package io.gantry.module.host.repository;

import io.gantry.module.host.fetch.Addresses;
import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.fetch.FetchException;
import io.gantry.module.host.fetch.Logins;
import io.gantry.module.host.index.ContentException;
import io.gantry.module.host.index.IndexReader;
import io.gantry.module.host.index.IndexedResource;
import io.gantry.module.host.index.JarFolder;
import io.gantry.module.host.index.JarFolder.Digests;
import io.gantry.module.host.repository.Catalog.Unread;
import io.gantry.spi.module.RepositoryRegistry.Entry;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads repositories. An address is the URL of an index or of a folder that holds {@code index.xml}
 * or {@code index.xml.gz}; on a local disk also a path, and also a folder of jars. A changed index
 * is seen at once. Any thread.
 */
public final class Repositories {

  private static final Logger LOG = LoggerFactory.getLogger(Repositories.class);

  private final Sources sources;
  private final RemoteIndex remote;
  private final Optional<String> jarsOnly;

  /**
   * @param jarsOnly address of a folder whose jars count and whose index, if any, does not
   */
  Repositories(Sources sources, RemoteIndex remote, Optional<String> jarsOnly) {
    this.sources = sources;
    this.remote = remote;
    this.jarsOnly = jarsOnly;
  }

  /**
   * Reads all repositories, one of an image before the others. One that cannot be read does not
   * spoil the others.
   */
  public Catalog read(Optional<String> ofImage, Logins logins, Cancellation cancellation)
      throws FetchException {
    List<Entry> asked = new ArrayList<>(sources.entries());
    ofImage
        .map(Sources::address)
        .filter(address -> asked.stream().noneMatch(e -> e.address().equals(address)))
        .ifPresent(address -> asked.add(0, new Entry(address, false, false)));
    List<IndexedResource> resources = new ArrayList<>();
    Map<String, Unread> unreadable = new LinkedHashMap<>();
    for (Entry entry : asked) {
      cancellation.check();
      try {
        resources.addAll(read(entry.address(), logins, cancellation));
      } catch (IOException e) {
        LOG.warn("repository {} {}", entry.address(), reason(e));
        unreadable.put(entry.address(), unread(e));
      }
    }
    cancellation.check();
    return new Catalog(asked, resources, unreadable);
  }

  /**
   * Whether what an image names must be signed, wherever it is taken from: what may come from
   * elsewhere, too, need not be.
   */
  public boolean demandsSignature(Optional<String> ofImage) {
    List<Entry> entries = sources.entries();
    return ofImage
        .map(Sources::address)
        .map(address -> entries.stream().anyMatch(e -> e.signed() && e.address().equals(address)))
        .orElseGet(() -> !entries.isEmpty() && entries.stream().allMatch(Entry::signed));
  }

  /** Reads a single one. */
  List<IndexedResource> read(String address, Logins logins, Cancellation cancellation)
      throws IOException {
    if (Addresses.isRemote(address)) {
      return remote.read(address, logins, cancellation);
    }
    Path path = path(address);
    if (!Files.isDirectory(path)) {
      return index(address, path);
    }
    for (String name : List.of("index.xml", "index.xml.gz")) {
      if (Files.exists(path.resolve(name)) && !jarsOnly.equals(Optional.of(address))) {
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
    try (InputStream in = KeptIndexes.unpacked(file)) {
      return IndexReader.read(address, file.toUri(), in);
    }
  }

  private static Path path(String address) throws IOException {
    try {
      return address.startsWith("file:") ? Path.of(new URI(address)) : Path.of(local(address));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw FetchException.lasting("is no path and no URL: " + e.getMessage());
    }
  }

  private static String local(String address) throws IOException {
    if (address.matches("[A-Za-z][A-Za-z0-9+.-]+://.*")) {
      throw FetchException.lasting(
          "is of a kind that cannot be read: expected http, https or file");
    }
    if (!Path.of(address).isAbsolute()) {
      throw FetchException.lasting(
          "is no address of a repository: expected http(s)://..., file:... or an absolute path (a"
              + " module is an OSGi bundle; images of containers cannot run here)");
    }
    return address;
  }

  /** A disk may yet be mounted, so what is missing there may come by itself. */
  static Unread unread(IOException e) {
    boolean lasting = e instanceof FetchException fetch && !fetch.temporary();
    return new Unread(reason(e), !lasting && !(e instanceof ContentException));
  }

  private static String reason(IOException e) {
    if (e instanceof FileNotFoundException || e instanceof NoSuchFileException) {
      return "is not there";
    }
    if (e instanceof ContentException) {
      return "has an index that cannot be understood: " + e.getMessage();
    }
    return e instanceof FetchException ? e.getMessage() : "cannot be read: " + e.getMessage();
  }
}
