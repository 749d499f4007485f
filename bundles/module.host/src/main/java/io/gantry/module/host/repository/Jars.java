package io.gantry.module.host.repository;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.gantry.module.host.fetch.Addresses;
import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.fetch.FetchException;
import io.gantry.module.host.fetch.Http;
import io.gantry.module.host.fetch.Logins;
import io.gantry.module.host.index.Digest;
import io.gantry.module.host.index.IndexedResource.Content;
import io.gantry.module.host.repository.Partials.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/**
 * Brings jars into the cache: copies from a local disk, and downloads that go on where they broke
 * off. The digest of the whole is compared, and a signature that is demanded looked at, before the
 * jar gets its name. Any thread; one download for each digest at a time.
 */
public final class Jars {

  private static final int PARTIAL_CONTENT = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final Cache cache;
  private final Partials partials;
  private final Http http;
  private final TrustedSigners signers;
  private final Map<String, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();

  /**
   * What to bring.
   *
   * @param owner who wants it: from before it comes the cache keeps it for that one
   * @param repository whose index names it
   * @param expected the digest; a remote jar is not fetched without
   * @param signed whether it must be signed
   */
  public record Order(
      String owner,
      String repository,
      Content content,
      Optional<String> expected,
      boolean signed) {}

  Jars(Cache cache, Partials partials, Http http, TrustedSigners signers) {
    this.cache = cache;
    this.partials = partials;
    this.http = http;
    this.signers = signers;
  }

  /**
   * Brings a jar, or finds that it is there.
   *
   * @param progress is told how many bytes of it have come
   * @return its digest
   * @throws FetchException with the rest of a sentence about the jar
   * @throws IOException when the cache cannot be written
   */
  public String bring(Order order, Logins logins, Cancellation cancellation, LongConsumer progress)
      throws IOException {
    check(order);
    if (order.expected().isEmpty()) {
      return copy(order);
    }
    String expected = order.expected().get();
    cache.claim(order.owner(), Set.of(expected));
    while (!cache.isIntact(expected)) {
      CompletableFuture<Void> mine = new CompletableFuture<>();
      CompletableFuture<Void> others = underWay.putIfAbsent(expected, mine);
      if (others != null) {
        await(others, cancellation);
        continue;
      }
      try {
        if (Addresses.isRemote(order.content().uri())) {
          download(order, expected, logins, cancellation, progress);
        } else {
          copy(order);
        }
        return expected;
      } finally {
        underWay.remove(expected);
        mine.complete(null);
      }
    }
    lookAtSignature(order, cache.path(expected));
    progress.accept(Math.max(order.content().size(), 0));
    return expected;
  }

  /** Somebody else's download may take long, and ours may be called off before. */
  private static void await(CompletableFuture<Void> others, Cancellation cancellation)
      throws FetchException {
    CompletableFuture<Void> calledOff = new CompletableFuture<>();
    cancellation.listen(() -> calledOff.complete(null));
    CompletableFuture.anyOf(others, calledOff).join();
    cancellation.end();
    cancellation.check();
  }

  /** Deletes what broke off and is not under way again. */
  void forgetPartials() {
    partials.clear(this::isIdle);
  }

  private boolean isIdle(String sha256) {
    return !underWay.containsKey(sha256);
  }

  /**
   * What an index may say, and what it may not.
   *
   * @throws FetchException when the jar will not be fetched
   */
  public static void check(Order order) throws FetchException {
    URI uri = order.content().uri();
    boolean fromRemote = Addresses.isRemote(order.repository());
    boolean remote = Addresses.isRemote(uri);
    if (!remote && (fromRemote || !"file".equals(uri.getScheme()))) {
      throw FetchException.lasting(
          "cannot be fetched: the index names an address that is neither http nor https");
    }
    if (remote && Addresses.isSecure(order.repository()) && !Addresses.isSecure(uri)) {
      throw FetchException.lasting(
          "cannot be fetched: an index that was read by https names an address without");
    }
    if (remote && order.expected().isEmpty()) {
      throw FetchException.lasting(
          "cannot be fetched: its index has no SHA-256 for it, and from a remote repository"
              + " nothing is taken without; gantry repository index makes an index that has, or"
              + " the image may pin one (@sha256:...)");
    }
    if (order.content().size() > Cache.MAX_JAR_BYTES) {
      throw FetchException.lasting(
          "cannot be fetched: it is larger than " + Cache.MAX_JAR_BYTES + " bytes");
    }
  }

  /**
   * Opens what lies on a local disk.
   *
   * @throws FetchException when it cannot be read
   */
  public static InputStream open(Content content) throws FetchException {
    try {
      return Files.newInputStream(Path.of(content.uri()));
    } catch (IOException | IllegalArgumentException e) {
      throw FetchException.lasting("cannot be read: " + e.getMessage());
    }
  }

  private String copy(Order order) throws IOException {
    try (InputStream in = open(order.content())) {
      cache.checkRoom(order.content().size());
      return cache.add(
          in,
          (jar, sha256) -> {
            compare(order.expected(), sha256);
            lookAtSignature(order, jar);
            cache.claim(order.owner(), Set.of(sha256));
          });
    }
  }

  private void lookAtSignature(Order order, Path jar) throws IOException {
    if (order.signed()) {
      signers.check(jar);
    }
  }

  private static void compare(Optional<String> expected, String found) throws FetchException {
    if (expected.isPresent() && !expected.get().equals(found)) {
      throw FetchException.lasting(
          "has a wrong digest: expected sha256:"
              + expected.get()
              + ", found sha256:"
              + found
              + "; nothing was installed");
    }
  }

  // ---- downloads ---------------------------------------------------------------------------

  /** How a partial file was completed. */
  private enum Came {
    /** From its first byte. */
    WHOLE,
    /** What was there had come earlier. */
    CONTINUED,
    /** Not at all: the server does not go on where we are. */
    NOT
  }

  /** What does not go on, or went on and came out wrong, is tried once more from its beginning. */
  private void download(
      Order order, String expected, Logins logins, Cancellation cancellation, LongConsumer progress)
      throws IOException {
    Path file = partials.file(expected);
    Came came = transfer(order, expected, logins, cancellation, progress);
    if (came == Came.NOT || came == Came.CONTINUED && !digest(file).equals(expected)) {
      partials.delete(expected);
      transfer(order, expected, logins, cancellation, progress);
    }
    try {
      compare(order.expected(), digest(file));
      lookAtSignature(order, file);
    } catch (FetchException e) {
      partials.delete(expected);
      throw e;
    }
    cache.adopt(file, expected);
    partials.delete(expected);
  }

  private static String digest(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Digest.of(in);
    }
  }

  private Came transfer(
      Order order, String expected, Logins logins, Cancellation cancellation, LongConsumer progress)
      throws IOException {
    URI uri = order.content().uri();
    Optional<Origin> origin = partials.origin(expected).filter(o -> o.uri().equals(uri));
    long there = origin.isPresent() ? partials.length(expected) : 0;
    if (there > 0 && there == order.content().size()) {
      return Came.CONTINUED;
    }
    Map<String, String> headers = new HashMap<>();
    if (there > 0) {
      headers.put("Range", "bytes=" + there + "-");
      origin.get().validator().ifPresent(validator -> headers.put("If-Range", validator));
    }
    try (Http.Answer answer = http.get(uri, logins, headers, cancellation)) {
      if (answer.status() == 200) {
        partials.begin(expected, new Origin(uri, validator(answer)), this::isIdle);
        append(expected, 0, order, answer, progress);
        return Came.WHOLE;
      }
      if (there > 0 && answer.status() == RANGE_NOT_SATISFIABLE) {
        return Came.NOT;
      }
      if (there > 0 && answer.status() == PARTIAL_CONTENT) {
        if (!continues(answer, there)) {
          return Came.NOT;
        }
        append(expected, there, order, answer, progress);
        return Came.CONTINUED;
      }
      partials.delete(expected);
      throw FetchException.lasting(
          "cannot be fetched: its server gave an answer that was not expected ("
              + answer.status()
              + ")");
    } finally {
      cancellation.end();
    }
  }

  private static boolean continues(Http.Answer answer, long offset) {
    return answer
        .header("Content-Range")
        .filter(r -> r.startsWith("bytes " + offset + "-"))
        .isPresent();
  }

  /** A weak entity tag promises nothing about bytes (RFC 9110, 13.1.5). */
  private static Optional<String> validator(Http.Answer answer) {
    return answer
        .header("ETag")
        .filter(tag -> !tag.startsWith("W/"))
        .or(() -> answer.header("Last-Modified"));
  }

  private void append(
      String expected, long there, Order order, Http.Answer answer, LongConsumer progress)
      throws IOException {
    long size = order.content().size();
    long limit = size >= 0 ? size : Cache.MAX_JAR_BYTES;
    if (answer.length() >= 0 && there + answer.length() > limit) {
      tooLarge(expected, size, limit);
    }
    long count = there;
    byte[] buffer = new byte[64 << 10];
    try (FileChannel file = FileChannel.open(partials.file(expected), CREATE, WRITE, APPEND)) {
      progress.accept(count);
      checkRoom(expected, size - count);
      for (int n = answer.body().read(buffer); n >= 0; n = answer.body().read(buffer)) {
        count += n;
        if (count > limit) {
          tooLarge(expected, size, limit);
        }
        if (count >> 20 != count - n >> 20) {
          checkRoom(expected, size - count);
        }
        Cache.writeFully(file, ByteBuffer.wrap(buffer, 0, n));
        progress.accept(count);
      }
      file.force(true);
    }
  }

  /** A part for which there is no room must not lie in the way of others until there is. */
  private void checkRoom(String expected, long bytes) throws IOException {
    try {
      cache.checkRoom(bytes);
    } catch (FetchException e) {
      partials.delete(expected);
      throw e;
    }
  }

  private void tooLarge(String expected, long size, long limit) throws IOException {
    partials.delete(expected);
    throw FetchException.lasting(
        size >= 0
            ? "is not what the index says: expected " + size + " bytes, found more"
            : "cannot be fetched: it is larger than " + limit + " bytes");
  }
}
