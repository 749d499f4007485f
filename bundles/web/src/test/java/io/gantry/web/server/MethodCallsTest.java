package io.gantry.web.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.gantry.api.module.MethodRequest;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.method.MethodCall;
import io.gantry.spi.security.Credentials;
import io.gantry.testkit.method.FakeMethods;
import io.gantry.testkit.netty.Leaks;
import io.gantry.testkit.security.FakeAuthenticator;
import io.gantry.testkit.time.Await;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of direct methods, as the SDKs make them. */
@ExtendWith(Leaks.class)
class MethodCallsTest {

  private static final String PATH = "/twins/thermo1/modules/reader/methods";

  private final Site site = new Site();

  @AfterEach
  void close() {
    site.close();
  }

  private void assertRefused(int status, HttpResponse<String> answer) {
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals("application/json", answer.headers().firstValue("content-type").orElse(""));
    assertFalse(
        JsonParser.parseString(answer.body())
            .getAsJsonObject()
            .get("message")
            .getAsString()
            .isEmpty());
    assertEquals(List.of(), site.methods.invoked());
  }

  private FakeMethods.Invoked awaitCall() {
    Await.until("a method is called", () -> !site.methods.invoked().isEmpty());
    return site.methods.invoked().get(0);
  }

  @Test
  void aModuleCallsAMethodOfAModuleAndGetsItsAnswer() throws Exception {
    HttpResponse<String> answer = site.send(site.call(PATH + "?api-version=2020-09-30"));
    assertEquals(200, answer.statusCode());
    assertEquals("{\"status\":200,\"payload\":{\"a\":1}}", answer.body());
    // The Node SDK does not parse what is called otherwise.
    assertEquals("application/json", answer.headers().firstValue("content-type").orElse(""));
    assertEquals(
        new MethodCall(
            new ModuleIdentity("thermo1", "reader"),
            new MethodRequest("reset", "{\"a\":1}"),
            Duration.ofSeconds(30),
            Duration.ZERO),
        awaitCall().call());
    FakeAuthenticator.Attempt attempt = site.authenticator.attempts().get(0);
    assertEquals(new ModuleIdentity("gateway", "filter"), attempt.claimed());
    assertEquals(new Credentials.Token(FakeAuthenticator.PASSWORD), attempt.credentials());
    assertEquals("127.0.0.1", attempt.from().getHostAddress());
  }

  @Test
  void idsInThePathAreDecoded() throws Exception {
    assertEquals(200, site.send(site.call("/twins/oven%231/methods")).statusCode());
    assertEquals(new DeviceIdentity("oven#1"), awaitCall().call().target());
  }

  @Test
  void theAnswerAlwaysHasAPayload() throws Exception {
    HttpRequest.Builder call =
        site.call(PATH).POST(BodyPublishers.ofString("{\"methodName\":\"m\"}"));
    assertEquals("{\"status\":200,\"payload\":null}", site.send(call).body());
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 429, 504})
  void whatTheHubRefusesKeepsItsStatus(int status) throws Exception {
    site.methods.hold(true);
    var answer = site.client().sendAsync(site.call(PATH).build(), BodyHandlers.ofString());
    awaitCall().fail(status);
    assertEquals(status, answer.get().statusCode());
    assertEquals("{\"message\":\"refused by the test\"}", answer.get().body());
  }

  @Test
  void aDefectOfTheHubIs500WithoutItsText() throws Exception {
    site.methods.hold(true);
    var answer = site.client().sendAsync(site.call(PATH).build(), BodyHandlers.ofString());
    awaitCall().answer().completeExceptionally(new IllegalStateException("secret"));
    assertEquals(500, answer.get().statusCode());
    assertFalse(answer.get().body().contains("secret"));
  }

  @Test
  void aWrongTokenIsRefused() throws Exception {
    assertRefused(401, site.send(site.call(PATH).setHeader("Authorization", "wrong")));
  }

  @Test
  void whoShowsNothingIsRefused() throws Exception {
    HttpRequest.Builder call =
        HttpRequest.newBuilder(site.uri(PATH))
            .header("x-ms-edge-moduleId", Site.CALLER)
            .POST(BodyPublishers.ofString(Site.BODY));
    assertRefused(401, site.send(call));
    assertEquals(List.of(), site.authenticator.attempts());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "thermo1/reader",
        "gateway",
        "gateway/",
        "/filter",
        "gateway/a/b",
        "Gateway/filter"
      })
  void onlyModulesOfThisGatewayMayCall(String caller) throws Exception {
    assertRefused(401, site.send(site.call(PATH).setHeader("x-ms-edge-moduleId", caller)));
    assertEquals(List.of(), site.authenticator.attempts());
  }

  @Test
  void aClientCertificateIsShownToTheAuthenticator() throws Exception {
    HttpRequest call =
        HttpRequest.newBuilder(site.uri(PATH))
            .header("x-ms-edge-moduleId", Site.CALLER)
            .POST(BodyPublishers.ofString(Site.BODY))
            .build();
    HttpResponse<String> answer =
        site.client(site.certificates.deviceContext()).send(call, BodyHandlers.ofString());
    assertEquals(200, answer.statusCode());
    assertEquals(
        new Credentials.Certificate(site.certificates.deviceChain()),
        site.authenticator.attempts().get(0).credentials());
  }

  @Test
  void anAnswerOfTheParentIsAwaited() throws Exception {
    site.authenticator.hold();
    var answer = site.client().sendAsync(site.call(PATH).build(), BodyHandlers.ofString());
    Await.until("it is asked", () -> !site.authenticator.attempts().isEmpty());
    assertEquals(List.of(), site.methods.invoked());
    site.authenticator.release();
    assertEquals(200, answer.get().statusCode());
  }

  @Test
  void withoutTheHubTheAnswerIs503AndLaterCallsWork() throws Exception {
    site.server.hub().unset(site.hub);
    assertRefused(503, site.send(site.call(PATH)));
    site.server.hub().set(site.hub);
    site.server.hub().unset(site.authenticator);
    assertRefused(503, site.send(site.call(PATH)));
    site.server.hub().set(site.authenticator);
    site.server.hub().unset(site.methods);
    assertRefused(503, site.send(site.call(PATH)));
    site.server.hub().set(site.methods);
    assertEquals(200, site.send(site.call(PATH)).statusCode());
  }

  /** The new one may come before the old one goes. */
  @Test
  void aHubThatWasReplacedIsNotTakenAwayWithTheOldOne() throws Exception {
    FakeMethods newer = new FakeMethods();
    site.server.hub().set(newer);
    site.server.hub().unset(site.methods);
    assertEquals(200, site.send(site.call(PATH)).statusCode());
    assertEquals(1, newer.invoked().size());
  }

  @ParameterizedTest
  @CsvSource({
    "/,                               POST, 404",
    "/twins,                          POST, 404",
    "/twins/d,                        POST, 404",
    "/twins/d/methods/,               POST, 404",
    "/twins/d/modules/m,              POST, 404",
    "/twins/d/devices/m/methods,      POST, 404",
    "/twins/d/modules/m/methods/x,    POST, 404",
    "/devices/d/modules/m/methods,    POST, 404",
    "/twins//methods,                 POST, 400",
    "/twins/a%2Fb/methods,            POST, 400",
    "/twins/d/modules/m/methods,      GET,  405",
    "/twins/d/methods,                PUT,  405",
  })
  void whatIsNoCallIsRefused(String path, String method, int status) throws Exception {
    HttpRequest.Builder call = site.call(path).method(method, BodyPublishers.ofString(Site.BODY));
    HttpResponse<String> answer = site.send(call);
    assertRefused(status, answer);
    assertEquals(status == 405 ? "POST" : "", answer.headers().firstValue("allow").orElse(""));
  }

  @Test
  void aBodyThatIsNoCallIsRefusedAndTheConnectionGoesOn() throws Exception {
    try (RawClient client = site.raw()) {
      assertEquals(400, client.exchange(RawClient.post(PATH, "{}")).status());
      assertEquals(200, client.exchange(RawClient.post(PATH, Site.BODY)).status());
    }
  }

  /** Else a hub full of silent methods could be filled with clients that have gone. */
  @Test
  void aClientThatHangsUpIsForgottenWhileItsCallIsUnderWay() throws Exception {
    site.methods.hold(true);
    try (RawClient client = site.raw()) {
      client.send(RawClient.post(PATH, Site.BODY));
      awaitCall();
      assertEquals(1, site.server.connections());
    }
    Await.until("it is forgotten", () -> site.server.connections() == 0);
    awaitCall().answer(200, "null");
    site.methods.hold(false);
    assertEquals(200, site.send(site.call(PATH)).statusCode());
    assertEquals(2, site.methods.invoked().size());
  }

  /** What strangers send is never kept. */
  @Test
  void theBodyIsAskedForOnlyAfterTheCallerWasExamined() throws Exception {
    site.authenticator.hold();
    String head =
        "POST "
            + PATH
            + " HTTP/1.1\r\nHost: gw\r\nx-ms-edge-moduleId: gateway/filter\r\n"
            + "Authorization: let me in\r\nExpect: 100-continue\r\nContent-Length: "
            + Site.BODY.length()
            + "\r\n\r\n";
    try (RawClient client = site.raw()) {
      client.send(head);
      Await.until("it is asked", () -> !site.authenticator.attempts().isEmpty());
      site.authenticator.release();
      assertEquals(100, client.answer().status());
      client.send(Site.BODY);
      assertEquals(200, client.answer().status());
    }
    try (RawClient client = site.raw()) {
      client.send(head.replace("let me in", "wrong"));
      RawClient.Answer answer = client.answer();
      assertEquals(401, answer.status());
      assertEquals("close", answer.headers().get("connection"));
    }
  }

  @Test
  void manyCallsOfManyConnectionsAreAllAnswered() throws Exception {
    var client = site.client();
    var answers =
        java.util.stream.IntStream.range(0, 90)
            .mapToObj(
                i ->
                    client.sendAsync(
                        site.call(PATH)
                            .POST(
                                BodyPublishers.ofString(
                                    "{\"methodName\":\"m\",\"payload\":" + i + "}"))
                            .build(),
                        BodyHandlers.ofString()))
            .toList();
    for (int i = 0; i < answers.size(); i++) {
      assertEquals("{\"status\":200,\"payload\":" + i + "}", answers.get(i).get().body());
    }
    assertTrue(site.server.connections() <= 100);
  }
}
