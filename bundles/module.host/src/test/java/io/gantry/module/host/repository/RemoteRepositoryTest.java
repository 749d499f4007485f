package io.gantry.module.host.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.fetch.FetchException;
import io.gantry.module.host.fetch.Logins;
import io.gantry.module.host.fetch.TestServer;
import io.gantry.module.host.index.Digest;
import io.gantry.module.host.index.IndexTool;
import io.gantry.module.host.index.IndexedResource;
import io.gantry.module.host.index.IndexedResource.Content;
import io.gantry.module.host.repository.Jars.Order;
import io.gantry.module.host.runtime.RealTime;
import io.gantry.spi.module.RepositoryLogin;
import io.gantry.testkit.module.TestBundle;
import io.gantry.testkit.store.FakeStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Repositories over HTTP, good ones and such that lie. */
@Timeout(300)
class RemoteRepositoryTest {

  private static final byte[] JAR = new byte[300_000];

  static {
    new Random(1).nextBytes(JAR);
  }

  @TempDir Path temp;
  private final RealTime time = new RealTime();
  private TestServer server;
  private Supply supply;

  @BeforeEach
  void open() throws Exception {
    server = new TestServer();
    boot(Duration.ofSeconds(60));
  }

  private void boot(Duration stall) throws IOException {
    if (supply != null) {
      supply.close();
    }
    RepositorySettings usual = RepositorySettings.of(List.of(server.uri("/r").toString()));
    supply =
        new Supply(
            new RepositorySettings(
                usual.repositories(), stall, List.of(), List.of(), Optional.empty()),
            temp.resolve("cache"),
            new Supply.Services(new FakeStore(), InstantSource.system(), time, time),
            Runnable::run);
  }

  @AfterEach
  void close() {
    supply.close();
    server.close();
    time.close();
  }

  // ---- indexes -----------------------------------------------------------------------------

  @Test
  void anIndexIsReadAndItsAddressesAreThoseBesideIt() throws Exception {
    publish("acme.filter", "1.0.0");
    IndexedResource bundle = read().resources().get(0);
    assertEquals("acme.filter 1.0.0", bundle.toString());
    assertEquals(server.uri("/r/acme.filter-1.0.0.jar"), bundle.content().orElseThrow().uri());
  }

  /** An unchanged index costs a question and an answer without a body. */
  @Test
  void anUnchangedIndexIsNotSentAgainAlsoNotAfterARestart() throws Exception {
    publish("acme.filter", "1.0.0");
    read();
    boot(Duration.ofSeconds(60));
    server.forget();
    assertEquals("acme.filter 1.0.0", read().resources().get(0).toString());
    assertEquals(1, server.asked().size());
    assertTrue(server.asked().get(0).header("If-none-match").isPresent());

    publish("acme.filter", "2.0.0");
    assertEquals(2, read().resources().size());
  }

  /** Flash wears: what is kept is compared with its digest before the server is asked for less. */
  @Test
  void aKeptIndexThatIsDamagedIsFetchedAnew() throws Exception {
    publish("acme.filter", "1.0.0");
    read();
    try (var files = Files.list(temp.resolve("cache/index"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".index")).toList()) {
        Files.writeString(file, "<repository/>");
      }
    }
    assertEquals(1, read().resources().size());
  }

  @Test
  void aPackedIndexIsFoundWhereThereIsNoOther() throws Exception {
    publish("acme.filter", "1.0.0");
    byte[] index = Files.readAllBytes(temp.resolve("r/index.xml"));
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(index);
    }
    server.on("/r/index.xml", TestServer.status(404));
    server.on("/r/index.xml.gz", TestServer.file(packed.toByteArray()));
    assertEquals(1, read().resources().size());
    server.forget();
    assertEquals(1, read().resources().size());
    assertEquals(List.of("/r/index.xml.gz"), server.asked().stream().map(a -> a.path()).toList());
  }

  @Test
  void whatCannotBeReadIsSaidAndIsTemporaryOrNot() throws Exception {
    assertEquals("has neither an index.xml nor an index.xml.gz (404)", unread().reason());
    assertFalse(unread().temporary());
    server.on("/r/index.xml", TestServer.status(500));
    assertTrue(unread().temporary());
    server.on("/r/index.xml", TestServer.status(401));
    assertTrue(unread().reason().contains("asks who we are"), unread().reason());
    assertFalse(unread().temporary());
    server.on("/r/index.xml", TestServer.plain("<html>".getBytes(UTF_8)));
    assertTrue(unread().reason().contains("cannot be understood"), unread().reason());
    assertFalse(unread().temporary());
    server.on("/r/index.xml", TestServer.brokenOff("<repository>".getBytes(UTF_8), 5));
    assertTrue(unread().temporary(), unread().reason());
  }

  /** Whoever sends without an end fills no disk and no memory. */
  @Test
  void anIndexWithoutAnEndIsGivenUpAtItsBound() throws Exception {
    byte[] block = " ".repeat(1 << 20).getBytes(UTF_8);
    server.on(
        "/r/index.xml",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("<repository>".getBytes(UTF_8));
          while (true) {
            exchange.getResponseBody().write(block);
          }
        });
    assertTrue(unread().reason().contains("it is larger than"), unread().reason());
    try (var files = Files.list(temp.resolve("cache/index"))) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void aPackedIndexThatSwellsIsGivenUpAtItsBound() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      byte[] block = " ".repeat(1 << 20).getBytes(UTF_8);
      gzip.write("<repository>".getBytes(UTF_8));
      for (int i = 0; i < 65; i++) {
        gzip.write(block);
      }
    }
    server.on("/r/index.xml", TestServer.file(packed.toByteArray()));
    assertTrue(unread().reason().contains("it is larger than"), unread().reason());
  }

  @Test
  void credentialsGoToTheRepositoryTheyAreForAndToNoOther() throws Exception {
    publish("acme.filter", "1.0.0");
    Logins logins =
        new Logins(
            List.of(
                new RepositoryLogin("127.0.0.1:" + server.port() + "/r", Optional.of("u"), "p"),
                new RepositoryLogin("127.0.0.1", Optional.of("u"), "p")));
    supply.repositories().read(Optional.of(server.uri("/other").toString()), logins, never());
    assertTrue(server.asked("/r/index.xml").get(0).header("Authorization").isPresent());
    assertEquals(Optional.empty(), server.asked("/other/index.xml").get(0).header("Authorization"));
  }

  /** What an index calls a digest becomes the name of a file of ours. */
  @Test
  void anIndexCannotNameAPlaceOutsideOfTheCache() throws Exception {
    publish("acme.filter", "1.0.0");
    String good = Files.readString(temp.resolve("r/index.xml"));
    String evil = good.replaceAll("(name=\"osgi.content\" value=\")[^\"]*", "$1../../../escaped");
    server.on("/r/index.xml", TestServer.plain(evil.getBytes(UTF_8)));
    assertTrue(unread().reason().contains("64 hex digits"), unread().reason());
    assertFalse(unread().temporary());
  }

  /** Nothing was there to be unchanged. */
  @Test
  void whoSaysThatNothingHasChangedWithoutBeingAskedIsNotBelieved() throws Exception {
    server.on("/r/index.xml", TestServer.status(304));
    assertEquals("gave an answer that was not expected (304)", unread().reason());
  }

  private Catalog read() throws Exception {
    Catalog catalog = supply.repositories().read(Optional.empty(), Logins.NONE, never());
    assertEquals(Map.of(), catalog.unreadable());
    return catalog;
  }

  private Catalog.Unread unread() throws Exception {
    Catalog catalog = supply.repositories().read(Optional.empty(), Logins.NONE, never());
    return catalog.unreadable().get(server.uri("/r").toString());
  }

  private void publish(String symbolicName, String version) throws Exception {
    TestBundle.of(symbolicName, version).writeTo(temp.resolve("r"));
    PrintWriter nowhere = new PrintWriter(OutputStream.nullOutputStream(), false, UTF_8);
    new IndexTool().run(nowhere, nowhere, temp.resolve("r").toString());
    server.folder("/r/", temp.resolve("r"));
  }

  // ---- jars --------------------------------------------------------------------------------

  @Test
  void aJarIsBroughtOnceAndTellsHowFarItIs() throws Exception {
    server.on("/x.jar", TestServer.file(JAR));
    List<Long> told = new ArrayList<>();
    assertEquals(digest(JAR), supply.jars().bring(order(JAR, -1), Logins.NONE, never(), told::add));
    assertTrue(supply.cache().isIntact(digest(JAR)));
    assertEquals(JAR.length, told.get(told.size() - 1));
    bring(order(JAR, -1));
    assertEquals(1, server.asked().size());
    assertNothingPartial();
  }

  @Test
  void aDownloadThatBreaksOffGoesOnFromThereAlsoAfterARestart() throws Exception {
    server.on("/x.jar", TestServer.brokenOff(JAR, 200_000));
    FetchException broken = refusal(order(JAR, JAR.length));
    assertTrue(broken.getMessage().startsWith("broke off"), "" + broken);
    assertTrue(broken.temporary());
    boot(Duration.ofSeconds(60));
    server.on("/x.jar", TestServer.file(JAR));
    bring(order(JAR, JAR.length));
    TestServer.Asked last = server.asked().get(1);
    assertEquals(Optional.of("bytes=200000-"), last.header("Range"));
    assertTrue(last.header("If-range").isPresent());
    assertTrue(supply.cache().isIntact(digest(JAR)));
    assertNothingPartial();
  }

  @Test
  void aServerThatKnowsNoRangesBeginsAnew() throws Exception {
    server.on("/x.jar", TestServer.brokenOff(JAR, 200_000));
    refusal(order(JAR, -1));
    server.on("/x.jar", TestServer.plain(JAR));
    bring(order(JAR, -1));
    assertTrue(supply.cache().isIntact(digest(JAR)));
  }

  /** The server has another file by now and says so by its entity tag. */
  @Test
  void aFileThatHasChangedMeanwhileIsNotGluedToItsFormerBeginning() throws Exception {
    byte[] former = new byte[JAR.length];
    server.on("/x.jar", TestServer.brokenOff(former, 200_000));
    refusal(order(JAR, -1));
    server.on("/x.jar", TestServer.file(JAR));
    bring(order(JAR, -1));
    assertEquals(2, server.asked().size());
    assertTrue(supply.cache().isIntact(digest(JAR)));
  }

  /** A server that answers the range all the same: the digest finds it out, and it begins anew. */
  @Test
  void whatWasGluedWrongIsFetchedOnceMoreFromItsBeginning() throws Exception {
    byte[] former = new byte[JAR.length];
    server.on("/x.jar", TestServer.brokenOff(former, 200_000));
    refusal(order(JAR, -1));
    server.on("/x.jar", TestServer.careless(JAR));
    bring(order(JAR, -1));
    assertEquals(3, server.asked().size());
    assertTrue(supply.cache().isIntact(digest(JAR)));
  }

  /** A crash after the last byte and before the digest. */
  @Test
  void aPartThatIsWholeNeedsNoFurtherByte() throws Exception {
    Files.write(temp.resolve("cache/partial").resolve(digest(JAR) + ".part"), JAR);
    Files.writeString(
        temp.resolve("cache/partial").resolve(digest(JAR) + ".origin"),
        server.uri("/x.jar") + "\n");
    bring(order(JAR, JAR.length));
    assertEquals(0, server.asked().size());
  }

  /** A server that sends another part than was asked for says at least so. */
  @Test
  void aPartOfAnotherPlaceIsNotTakenAndItBeginsAnew() throws Exception {
    server.on("/x.jar", TestServer.brokenOff(JAR, 200_000));
    refusal(order(JAR, -1));
    server.on(
        "/x.jar",
        exchange -> {
          if (exchange.getRequestHeaders().containsKey("Range")) {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-99/300000");
            exchange.sendResponseHeaders(206, 100);
            exchange.getResponseBody().write(JAR, 0, 100);
          } else {
            TestServer.plain(JAR).answer(exchange);
          }
        });
    bring(order(JAR, -1));
    assertEquals(3, server.asked().size());
    assertTrue(supply.cache().isIntact(digest(JAR)));
  }

  /** Two modules share a jar: whoever waits for the download of the other can be called off. */
  @Test
  void whoWaitsForTheDownloadOfAnotherCanBeCalledOff() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch given = new CountDownLatch(1);
    server.on(
        "/x.jar",
        exchange -> {
          asked.countDown();
          try {
            given.await(200, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          TestServer.file(JAR).answer(exchange);
        });
    FutureTask<String> first = new FutureTask<>(() -> bring(order(JAR, -1)));
    time.factory("first").newThread(first).start();
    assertTrue(asked.await(60, TimeUnit.SECONDS));
    Cancellation calledOff = new Cancellation();
    FutureTask<String> second =
        new FutureTask<>(
            () -> supply.jars().bring(order(JAR, -1), Logins.NONE, calledOff, bytes -> {}));
    time.factory("second").newThread(second).start();
    calledOff.cancel();
    ExecutionException end =
        assertThrows(ExecutionException.class, () -> second.get(60, TimeUnit.SECONDS));
    assertEquals("was called off", end.getCause().getMessage());
    assertFalse(first.isDone());
    given.countDown();
    assertEquals(digest(JAR), first.get(60, TimeUnit.SECONDS));
    assertEquals(1, server.asked().size());
  }

  /**
   * Whoever sweeps the cache between its coming and the end of the preparation finds it claimed.
   */
  @Test
  void whatHasComeIsKeptForWhomItCame() throws Exception {
    supply.retention().retain(List.of());
    Path file = Files.write(temp.resolve("x.jar"), JAR);
    Content content = new Content(file.toUri(), Optional.empty(), JAR.length);
    bring(new Order("m", temp.toString(), content, Optional.empty(), false));
    supply.registry().collect().toCompletableFuture().get();
    assertTrue(supply.cache().isIntact(digest(JAR)));
  }

  @Test
  void aWrongDigestIsNeverInstalledAndNothingStays() throws Exception {
    byte[] evil = JAR.clone();
    evil[7]++;
    server.on("/x.jar", TestServer.file(evil));
    FetchException wrong = refusal(order(JAR, JAR.length));
    assertEquals(
        "has a wrong digest: expected sha256:"
            + digest(JAR)
            + ", found sha256:"
            + digest(evil)
            + "; nothing was installed",
        wrong.getMessage());
    assertFalse(wrong.temporary());
    assertFalse(supply.cache().contains(digest(JAR)));
    assertFalse(supply.cache().contains(digest(evil)));
    assertNothingPartial();
  }

  /** With an honest Content-Length it is not broken off, it is another file. */
  @Test
  void aTruncatedJarIsAWrongOne() throws Exception {
    server.on("/x.jar", TestServer.file(Arrays.copyOf(JAR, 1000)));
    assertFalse(refusal(order(JAR, JAR.length)).temporary());
    assertNothingPartial();
  }

  @Test
  void moreBytesThanTheIndexSaysAreNotTaken() throws Exception {
    server.on("/x.jar", TestServer.file(JAR));
    FetchException tooLarge = refusal(order(JAR, 1000));
    assertEquals(
        "is not what the index says: expected 1000 bytes, found more", tooLarge.getMessage());
    assertFalse(tooLarge.temporary());
    server.on(
        "/x.jar",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          while (true) {
            exchange.getResponseBody().write(JAR);
          }
        });
    assertEquals(
        tooLarge.getMessage(),
        refusal(order(JAR, 1_000_000)).getMessage().replace("1000000", "1000"));
    assertNothingPartial();
  }

  @Test
  void aServerThatStallsKeepsWhatCame() throws Exception {
    boot(Duration.ofMillis(500));
    CountDownLatch given = new CountDownLatch(1);
    server.on(
        "/x.jar",
        exchange -> {
          exchange.sendResponseHeaders(200, JAR.length);
          exchange.getResponseBody().write(JAR, 0, 1000);
          exchange.getResponseBody().flush();
          try {
            given.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Path part = temp.resolve("cache/partial").resolve(digest(JAR) + ".part");
    do {
      // On a busy machine also what is sent at once may come too late for so short a limit.
      FetchException stalled = refusal(order(JAR, JAR.length));
      assertTrue(stalled.getMessage().startsWith("stalled"), "" + stalled);
      assertTrue(stalled.temporary());
    } while (!Files.exists(part) || Files.size(part) < 1000);
    given.countDown();
    boot(Duration.ofSeconds(60));
    server.on("/x.jar", TestServer.file(JAR));
    bring(order(JAR, JAR.length));
    assertEquals(
        Optional.of("bytes=1000-"), server.asked().get(server.asked().size() - 1).header("Range"));
  }

  @Test
  void nothingIsTakenFromARemoteRepositoryWithoutADigest() {
    server.on("/x.jar", TestServer.file(JAR));
    FetchException refusal =
        refusal(new Order("m", "http://r", content(JAR.length), Optional.empty(), false));
    assertTrue(refusal.getMessage().contains("its index has no SHA-256 for it"), "" + refusal);
    assertEquals(0, server.asked().size());
  }

  /** An index from outside must not make us read our own disk. */
  @Test
  void aRemoteIndexCannotNameALocalFile() throws Exception {
    Path secret = Files.write(temp.resolve("secret"), JAR);
    Content content = new Content(secret.toUri(), Optional.of(digest(JAR)), JAR.length);
    FetchException refusal = refusal(new Order("m", "https://r", content, content.sha256(), false));
    assertTrue(refusal.getMessage().contains("neither http nor https"), "" + refusal);
    for (String secure : List.of("https://r", "HTTPS://r")) {
      refusal = refusal(new Order("m", secure, content(1), Optional.of(digest(JAR)), false));
      assertTrue(refusal.getMessage().contains("an address without"), "" + refusal);
    }
  }

  @Test
  void whatIsNoFileOfThisMachineIsSaidToBeUnreadable() {
    for (String address : List.of("file://elsewhere/x.jar", "file:///no/such.jar", "file:x.jar")) {
      Content content = new Content(URI.create(address), Optional.empty(), -1);
      FetchException refusal =
          refusal(new Order("m", temp.toString(), content, Optional.empty(), false));
      assertTrue(refusal.getMessage().startsWith("cannot be read: "), refusal.getMessage());
    }
  }

  @Test
  void partsOfOldDownloadsGoWithTheNextCollection() throws Exception {
    server.on("/x.jar", TestServer.brokenOff(JAR, 1000));
    refusal(order(JAR, -1));
    supply.registry().collect().toCompletableFuture().get();
    assertNothingPartial();
  }

  private void assertNothingPartial() throws IOException {
    try (var files = Files.list(temp.resolve("cache/partial"))) {
      assertEquals(List.of(), files.toList());
    }
  }

  private Content content(long size) {
    return new Content(server.uri("/x.jar"), Optional.empty(), size);
  }

  private Order order(byte[] jar, long size) throws IOException {
    URI uri = server.uri("/x.jar");
    Content content = new Content(uri, Optional.of(digest(jar)), size);
    return new Order("m", server.uri("/r").toString(), content, content.sha256(), false);
  }

  private String bring(Order order) throws IOException {
    return supply.jars().bring(order, Logins.NONE, never(), bytes -> {});
  }

  private FetchException refusal(Order order) {
    return assertThrows(FetchException.class, () -> bring(order));
  }

  private static Cancellation never() {
    return new Cancellation();
  }

  private static String digest(byte[] content) throws IOException {
    return Digest.of(new ByteArrayInputStream(content));
  }
}
