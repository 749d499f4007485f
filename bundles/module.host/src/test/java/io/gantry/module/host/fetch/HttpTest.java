package io.gantry.module.host.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.runtime.RealTime;
import io.gantry.spi.module.RepositoryLogin;
import io.gantry.testkit.time.ManualTime;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class HttpTest {

  private final RealTime time = new RealTime();
  private TestServer server;
  private TestServer other;
  private Http http;

  @BeforeEach
  void open() throws Exception {
    server = new TestServer();
    other = new TestServer();
    http = http(Duration.ofSeconds(20));
  }

  private Http http(Duration stall) {
    Http.Limits limits = new Http.Limits(Duration.ofSeconds(10), stall);
    return new Http(limits, Optional.empty(), time, time);
  }

  @AfterEach
  void close() {
    http.close();
    server.close();
    other.close();
    time.close();
  }

  @Test
  void redirectsAreFollowedFiveTimes() throws Exception {
    server.on("/5", TestServer.plain("here".getBytes(UTF_8)));
    for (int i = 0; i < 5; i++) {
      server.on("/" + i, TestServer.redirect(URI.create("" + (i + 1))));
    }
    assertEquals("here", get(server.uri("/0")));
    server.on("/-1", TestServer.redirect(URI.create("0")));
    FetchException refusal = refusal(server.uri("/-1"));
    assertTrue(refusal.getMessage().contains("more than 5 redirects"), refusal.getMessage());
    assertFalse(refusal.temporary());
  }

  @Test
  void aRedirectThatLeadsInACircleIsGivenUp() {
    server.on("/a", TestServer.redirect(server.uri("/b")));
    server.on("/b", TestServer.redirect(server.uri("/a?token=secret")));
    FetchException refusal = refusal(server.uri("/a"));
    assertTrue(refusal.getMessage().startsWith("leads on and on"), refusal.getMessage());
    assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
    assertEquals(6, server.asked().size());
  }

  @Test
  void aRedirectToWhatIsNoServerIsRefused() {
    for (String target : List.of("file:///etc/passwd", "ftp://x/y", "http://u:p@127.0.0.1/x")) {
      server.on("/a", TestServer.redirect(URI.create(target)));
      FetchException refusal = refusal(server.uri("/a"));
      assertTrue(refusal.getMessage().contains("leads to what is no address"), target);
    }
  }

  /** A redirect is the way to get at somebody else's credentials. */
  @Test
  void credentialsAreNotTakenAlongToAnotherServer() throws Exception {
    server.on("/x", TestServer.redirect(other.uri("/y")));
    other.on("/y", TestServer.plain("here".getBytes(UTF_8)));
    Logins logins = login(server);
    try (Http.Answer answer = http.get(server.uri("/x"), logins, Map.of(), new Cancellation())) {
      assertEquals("here", new String(answer.body().readAllBytes(), UTF_8));
      assertEquals(other.uri("/y"), answer.uri());
    }
    assertTrue(server.asked().get(0).header("Authorization").isPresent());
    assertEquals(Optional.empty(), other.asked().get(0).header("Authorization"));
  }

  @Test
  void statusesAreSaidInWords() {
    Map<Integer, String> texts =
        Map.of(
            401, "asks who we are (401 Unauthorized)",
            403, "does not let us in (403 Forbidden)",
            404, "is not there (404)",
            418, "gave an answer that was not expected (418)",
            429, "has no time for us now (429)",
            503, "has an error of its own (503), which may pass");
    texts.forEach(
        (status, text) -> {
          server.on("/x", TestServer.status(status));
          FetchException refusal = refusal(server.uri("/x"));
          assertTrue(refusal.getMessage().contains(text), refusal.getMessage());
          assertEquals(status == 429 || status >= 500, refusal.temporary(), "" + status);
        });
  }

  @Test
  void wrongCredentialsAreSaidWithoutSayingThem() {
    server.on("/x", TestServer.status(401));
    FetchException refusal =
        assertThrows(
            FetchException.class,
            () -> http.get(server.uri("/x"), login(server), Map.of(), new Cancellation()));
    assertTrue(refusal.getMessage().startsWith("does not accept our credentials"), "" + refusal);
    assertFalse(refusal.getMessage().contains("hunter2"), "" + refusal);
  }

  /** What a server says must not look like a line of our log. */
  @Test
  void whatAServerSaysIsQuotedInOneLineThatIsNotLong() {
    server.on(
        "/x",
        exchange -> {
          exchange.getResponseHeaders().set("ETag", "a\u0001\u001b[31m" + "x".repeat(2000));
          exchange.sendResponseHeaders(200, -1);
        });
    String text = refusal(server.uri("/x")).getMessage();
    assertTrue(text.startsWith("broke off: "), text);
    assertTrue(text.length() < 700 && text.chars().noneMatch(Character::isISOControl), text);
  }

  @Test
  void whoCannotBeReachedMayBeLater() throws Exception {
    FetchException refusal;
    // Nobody listens at a port that somebody holds, and nobody else will.
    try (Socket held = new Socket()) {
      held.bind(TestServer.address());
      refusal = refusal(URI.create("http://127.0.0.1:" + held.getLocalPort() + "/x"));
    }
    assertTrue(refusal.getMessage().startsWith("cannot be reached"), refusal.getMessage());
    assertTrue(refusal.temporary());
    refusal = refusal(URI.create("http://no-such-machine.invalid/x"));
    assertTrue(refusal.getMessage().startsWith("cannot be reached"), refusal.getMessage());
    assertTrue(refusal.temporary());
  }

  @Test
  void aServerThatStopsSendingIsGivenUpAfterTheLimit() throws Exception {
    CountDownLatch given = new CountDownLatch(1);
    server.on(
        "/x",
        exchange -> {
          exchange.sendResponseHeaders(200, 10);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
          await(given);
        });
    server.on("/silent", exchange -> await(given));
    try (Http impatient = http(Duration.ofMillis(500))) {
      FetchException stall;
      do {
        // On a busy machine also what is sent at once may come too late for so short a limit.
        stall = refusal(impatient, server.uri("/x"));
        assertTrue(stall.temporary());
      } while (stall.getMessage().startsWith("stalled: no answer"));
      assertEquals("stalled: nothing came for 500 ms, and it was given up", stall.getMessage());
      FetchException silent = refusal(impatient, server.uri("/silent"));
      assertTrue(silent.getMessage().startsWith("stalled: no answer"), "" + silent);
      assertTrue(silent.temporary());
    } finally {
      given.countDown();
    }
  }

  /** It would hold up whoever waits for it, for ever, and never be silent for long. */
  @Test
  void aServerThatSendsAByteNowAndThenIsGivenUpAndASlowOneIsNot() throws Exception {
    CountDownLatch given = new CountDownLatch(1);
    byte[] content = new byte[20_000];
    TestServer.Behaviour slowly =
        exchange -> {
          int first = exchange.getRequestURI().getPath().equals("/trickle") ? 1 : 10_000;
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, first);
          exchange.getResponseBody().flush();
          await(given);
          exchange.getResponseBody().write(content, first, content.length - first);
        };
    server.on("/trickle", slowly).on("/slow", slowly);
    ManualTime clock = new ManualTime();
    Http.Limits limits = new Http.Limits(Duration.ofSeconds(10), Duration.ofSeconds(20));
    try (Http patient = new Http(limits, Optional.empty(), clock, time);
        Http.Answer trickle =
            patient.get(server.uri("/trickle"), Logins.NONE, Map.of(), new Cancellation())) {
      assertEquals(1, trickle.body().readNBytes(1).length);
      clock.advance(Duration.ofSeconds(200));
      FetchException stall = assertThrows(FetchException.class, () -> trickle.body().read());
      assertEquals(
          "stalled: less than 8192 bytes came in 200 s, and it was given up", stall.getMessage());
      assertTrue(stall.temporary());
      try (Http.Answer slow =
          patient.get(server.uri("/slow"), Logins.NONE, Map.of(), new Cancellation())) {
        assertEquals(10_000, slow.body().readNBytes(10_000).length);
        clock.advance(Duration.ofSeconds(200));
        given.countDown();
        assertEquals(10_000, slow.body().readAllBytes().length);
      }
    } finally {
      given.countDown();
    }
  }

  @Test
  void anAnswerThatBreaksOffIsSaidAfterWhatCame() throws Exception {
    server.on("/x", TestServer.brokenOff("0123456789".getBytes(UTF_8), 4));
    try (Http.Answer answer =
        http.get(server.uri("/x"), Logins.NONE, Map.of(), new Cancellation())) {
      assertEquals("0123", new String(answer.body().readNBytes(4), UTF_8));
      FetchException broken = assertThrows(FetchException.class, () -> answer.body().read());
      assertTrue(broken.getMessage().startsWith("broke off"), "" + broken);
      assertTrue(broken.temporary());
    }
  }

  @Test
  void whatIsUnderWayEndsWhenItIsCalledOffOrTheBundleStops() throws Exception {
    CountDownLatch given = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(2);
    server.on(
        "/x",
        exchange -> {
          asked.countDown();
          await(given);
        });
    Cancellation cancellation = new Cancellation();
    FutureTask<Http.Answer> first =
        run(() -> http.get(server.uri("/x"), Logins.NONE, Map.of(), cancellation));
    FutureTask<Http.Answer> second =
        run(() -> http.get(server.uri("/x"), Logins.NONE, Map.of(), new Cancellation()));
    assertTrue(asked.await(60, TimeUnit.SECONDS));
    cancellation.cancel();
    assertThrows(ExecutionException.class, () -> first.get(60, TimeUnit.SECONDS));
    assertFalse(second.isDone());
    http.close();
    assertThrows(ExecutionException.class, () -> second.get(60, TimeUnit.SECONDS));
    given.countDown();
    FetchException closed = refusal(server.uri("/x"));
    assertTrue(closed.getMessage().contains("being stopped"), "" + closed);
  }

  @Test
  void anAddressWithAPasswordIsRefusedWithoutSayingIt() {
    FetchException refusal = refusal(URI.create("http://u:hunter2@127.0.0.1/x"));
    assertTrue(refusal.getMessage().contains("registryCredentials"), "" + refusal);
    assertFalse(refusal.getMessage().contains("hunter2"), "" + refusal);
  }

  private static Logins login(TestServer server) {
    return new Logins(
        List.of(new RepositoryLogin("127.0.0.1:" + server.port(), Optional.of("u"), "hunter2")));
  }

  private String get(URI uri) throws IOException {
    return get(http, uri);
  }

  private static String get(Http asker, URI uri) throws IOException {
    try (Http.Answer answer = asker.get(uri, Logins.NONE, Map.of(), new Cancellation())) {
      return new String(answer.body().readAllBytes(), UTF_8);
    }
  }

  private FetchException refusal(URI uri) {
    return refusal(http, uri);
  }

  private static FetchException refusal(Http asker, URI uri) {
    return assertThrows(FetchException.class, () -> get(asker, uri), uri.toString());
  }

  private <T> FutureTask<T> run(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    time.factory("asker").newThread(future).start();
    return future;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
