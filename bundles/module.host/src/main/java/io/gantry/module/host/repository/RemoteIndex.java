package io.gantry.module.host.repository;

import io.gantry.module.host.fetch.Addresses;
import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.fetch.FetchException;
import io.gantry.module.host.fetch.Http;
import io.gantry.module.host.fetch.Logins;
import io.gantry.module.host.index.Digest;
import io.gantry.module.host.index.IndexReader;
import io.gantry.module.host.index.IndexedResource;
import io.gantry.module.host.repository.KeptIndexes.Kept;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the index of a repository over HTTP: the address is that of an {@code index.xml} or {@code
 * index.xml.gz}, or of a folder that holds one. An index that has not changed is not sent again.
 * Any thread.
 */
final class RemoteIndex {

  private final Http http;
  private final KeptIndexes kept;
  private final InstantSource clock;

  RemoteIndex(Http http, KeptIndexes kept, InstantSource clock) {
    this.http = http;
    this.kept = kept;
    this.clock = clock;
  }

  List<IndexedResource> read(String address, Logins logins, Cancellation cancellation)
      throws IOException {
    Optional<Kept> last = kept.find(address);
    List<URI> candidates = candidates(Addresses.remote(address), last);
    for (URI candidate : candidates) {
      try {
        return read(address, candidate, last, logins, cancellation);
      } catch (FetchException e) {
        if (!e.notFound() || candidates.size() == 1) {
          throw e;
        }
      }
    }
    throw FetchException.lasting("has neither an index.xml nor an index.xml.gz (404)");
  }

  private static List<URI> candidates(URI address, Optional<Kept> last) {
    String path = address.getPath();
    if (path.endsWith(".xml") || path.endsWith(".gz")) {
      return List.of(address);
    }
    List<URI> candidates = new ArrayList<>();
    for (String name : List.of("index.xml", "index.xml.gz")) {
      candidates.add(URI.create(address.toString().replaceAll("/+$", "") + "/" + name));
    }
    last.map(Kept::url).filter(candidates::remove).ifPresent(url -> candidates.add(0, url));
    return candidates;
  }

  private List<IndexedResource> read(
      String address, URI candidate, Optional<Kept> last, Logins logins, Cancellation cancellation)
      throws IOException {
    Optional<Kept> known = last.filter(k -> k.url().equals(candidate));
    Map<String, String> headers = new LinkedHashMap<>();
    known.flatMap(Kept::etag).ifPresent(value -> headers.put("If-None-Match", value));
    known.flatMap(Kept::lastModified).ifPresent(v -> headers.put("If-Modified-Since", v));
    try (Http.Answer answer = http.get(candidate, logins, headers, cancellation)) {
      return switch (answer.status()) {
        case 200 -> received(address, candidate, answer);
        case 304 -> {
          if (headers.isEmpty()) {
            throw unexpected(answer);
          }
          yield unchanged(address, answer);
        }
        default -> throw unexpected(answer);
      };
    } finally {
      cancellation.end();
    }
  }

  private static FetchException unexpected(Http.Answer answer) {
    return FetchException.lasting("gave an answer that was not expected (" + answer.status() + ")");
  }

  private List<IndexedResource> unchanged(String address, Http.Answer answer) throws IOException {
    answer.body().readAllBytes();
    try (InputStream in = kept.open(address)) {
      List<IndexedResource> resources = IndexReader.read(address, answer.uri(), in);
      kept.touch(address, FileTime.from(clock.instant()));
      return resources;
    }
  }

  private List<IndexedResource> received(String address, URI candidate, Http.Answer answer)
      throws IOException {
    Path file = kept.receive(answer.body());
    try {
      List<IndexedResource> resources;
      try (InputStream in = KeptIndexes.unpacked(file)) {
        resources = IndexReader.read(address, answer.uri(), in);
      }
      try (InputStream in = Files.newInputStream(file)) {
        kept.keep(
            address,
            file,
            new Kept(
                candidate, answer.header("ETag"), answer.header("Last-Modified"), Digest.of(in)));
      }
      return resources;
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
