package io.gantry.console.management;

import static io.gantry.testkit.identity.FakeIdentities.FRESH;
import static io.gantry.testkit.identity.FakeIdentities.PRIMARY;
import static io.gantry.testkit.identity.FakeIdentities.SECONDARY;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.api.message.Message;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.Twin;
import io.gantry.console.status.FakeGateway;
import io.gantry.console.status.FakeHub;
import io.gantry.console.status.ProcessFacts;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityException;
import io.gantry.spi.method.MethodCall;
import io.gantry.spi.method.Methods;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.security.SasToken;
import io.gantry.spi.session.DeviceMessages;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.SendResult.Reason;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.twin.Twins;
import io.gantry.testkit.identity.FakeIdentities;
import io.gantry.testkit.security.FakeCertificates;
import io.gantry.testkit.time.ManualTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Identities, certificates, twins, methods and messages through the management API. */
@Timeout(120)
class BackEndServerTest {

  @TempDir Path run;
  private final FakeGateway gateway = new FakeGateway();
  private final FakeIdentities identities = new FakeIdentities();
  private final BackEnd backEnd = new BackEnd();
  private final ManualTime time = new ManualTime();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Properties properties = new Properties();
  private ManagementServer server;

  @BeforeEach
  void start() throws IOException {
    gateway.hub = Optional.of(new FakeHub());
    gateway.identities = Optional.of(identities);
    gateway.certificates = Optional.of(new FakeCertificates());
    gateway.twins = Optional.of(backEnd);
    gateway.methods = Optional.of(backEnd);
    gateway.deviceMessages = Optional.of(backEnd);
    server =
        ManagementServer.start(
            new ManagementSettings("127.0.0.1", 0, run),
            gateway,
            new ProcessFacts("0.1.0", time),
            new TestThreads(),
            () -> {},
            ManagementServerTest.TIMES);
    properties.load(Files.newBufferedReader(run.resolve("management.properties")));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  /** Twins, methods and messages as the test tells them, and what they were told. */
  private static final class BackEnd implements Twins, Methods, DeviceMessages {

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<Message> messages = new CopyOnWriteArrayList<>();
    private CompletableFuture<Twin> twin =
        CompletableFuture.completedFuture(
            new Twin("{\"a\":1.50}", 3, "{\"text\":\"\u001b[2J\u009b\"}", 2));
    private CompletableFuture<MethodResponse> response =
        CompletableFuture.completedFuture(new MethodResponse(200, "{\"ok\":true}"));
    private SendResult result = SendResult.Accepted.INSTANCE;

    @Override
    public CompletionStage<Twin> get(Identity identity) {
      told.add("get " + identity);
      return twin;
    }

    @Override
    public CompletionStage<Twin> updateDesired(Identity identity, String patch) {
      told.add("update " + identity + " " + patch);
      return twin;
    }

    @Override
    public CompletionStage<Twin> replaceDesired(Identity identity, String desired) {
      throw new UnsupportedOperationException("nobody asks for this from outside");
    }

    @Override
    public CompletionStage<MethodResponse> invoke(MethodCall call) {
      told.add(
          call.target()
              + " "
              + call.request().name()
              + " "
              + call.request().payload()
              + " "
              + call.responseTimeout().toSeconds()
              + " "
              + call.connectTimeout().toSeconds());
      return response;
    }

    @Override
    public CompletionStage<SendResult> send(
        String deviceId, Message message, Optional<Instant> expiry) {
      told.add(deviceId + " " + expiry);
      messages.add(message);
      return CompletableFuture.completedFuture(result);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(properties.getProperty("url") + path))
        .header("Authorization", "Bearer " + properties.getProperty("token"));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), BodyHandlers.ofString(UTF_8));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<String> get(String path) {
    return send(request(path));
  }

  private HttpResponse<String> post(String path, String body) {
    return send(request(path).POST(BodyPublishers.ofString(body)));
  }

  private String text(String path) {
    return ok(send(request(path).header("Accept", "text/plain")));
  }

  private String textOf(String path, String body) {
    return ok(
        send(request(path).header("Accept", "text/plain").POST(BodyPublishers.ofString(body))));
  }

  private static String ok(HttpResponse<String> answer) {
    assertEquals(200, answer.statusCode(), answer.body());
    return answer.body();
  }

  private static JsonObject json(HttpResponse<String> answer) {
    return JsonParser.parseString(ok(answer)).getAsJsonObject();
  }

  private static void assertRefused(int status, String text, HttpResponse<String> answer) {
    assertEquals(
        status + " " + text,
        answer.statusCode()
            + " "
            + JsonParser.parseString(answer.body()).getAsJsonObject().get("error").getAsString());
  }

  private void create(String identity) {
    ok(post("/v1/identities/create", "{\"identity\":\"" + identity + "\"}"));
  }

  @Test
  void anIdentityIsCreatedShownListedDisabledEnabledAndDeleted() {
    assertEquals(
        "created thermo1\n", textOf("/v1/identities/create", "{\"identity\":\"thermo1\"}"));
    create("thermo1/meter");
    assertEquals(
        """
        IDENTITY       AUTHENTICATION  STATE    CREATED               DECLARED
        thermo1        sas             enabled  2026-01-01T00:00:00Z
        thermo1/meter  sas             enabled  2026-01-01T00:00:00Z
        """,
        text("/v1/identities"));
    assertEquals("disabled thermo1\n", textOf("/v1/identities/disable?identity=thermo1", ""));
    assertEquals(
        """
        identity        thermo1
        authentication  sas
        state           disabled
        created         2026-01-01T00:00:00Z
        generation      g1
        """,
        text("/v1/identities/show?identity=thermo1"));
    JsonObject module = json(get("/v1/identities/show?identity=thermo1/meter"));
    assertEquals("thermo1", module.get("deviceId").getAsString());
    assertEquals("meter", module.get("moduleId").getAsString());
    assertTrue(module.get("enabled").getAsBoolean());
    assertTrue(
        json(post("/v1/identities/enable?identity=thermo1", "")).get("enabled").getAsBoolean());
    assertEquals(
        "{\"deleted\":\"thermo1\"}\n", ok(post("/v1/identities/delete?identity=thermo1", "")));
    assertEquals(1, JsonParser.parseString(ok(get("/v1/identities"))).getAsJsonArray().size());
  }

  @Test
  void keysAreToldOnlyWhereSomebodyAsksForThem() {
    List<String> answers = new ArrayList<>();
    answers.add(ok(post("/v1/identities/create", "{\"identity\":\"d\"}")));
    answers.add(ok(get("/v1/identities")));
    answers.add(text("/v1/identities"));
    answers.add(ok(get("/v1/identities/show?identity=d")));
    answers.add(text("/v1/identities/show?identity=d"));
    answers.add(ok(post("/v1/identities/disable?identity=d", "")));
    answers.add(ok(get("/v1/status")));
    answers.add(text("/v1/status"));
    answers.add(ok(post("/v1/identities/regenerate-key?identity=d&key=secondary", "")));
    for (String answer : answers) {
      assertFalse(
          answer.contains(PRIMARY) || answer.contains(SECONDARY) || answer.contains(FRESH), answer);
    }
    JsonObject keys = json(get("/v1/identities/show?identity=d&with=keys"));
    assertEquals(PRIMARY, keys.get("primaryKey").getAsString());
    assertEquals(FRESH, keys.get("secondaryKey").getAsString());
    assertTrue(
        text("/v1/identities/show?identity=d&with=keys")
            .endsWith("primary         " + PRIMARY + "\nsecondary       " + FRESH + "\n"));
  }

  @Test
  void theConnectionStringIsWhatAnSdkTakes() {
    String device =
        "HostName=gantry.local;DeviceId=d;SharedAccessKey="
            + PRIMARY
            + ";GatewayHostName=localhost";
    assertEquals(
        device + "\n",
        textOf("/v1/identities/create?with=connectionString", "{\"identity\":\"d\"}"));
    assertEquals(
        device,
        json(get("/v1/identities/show?identity=d&with=connectionString"))
            .get("connectionString")
            .getAsString());
    assertEquals(
        "HostName=gantry.local;DeviceId=d;ModuleId=m;SharedAccessKey="
            + PRIMARY
            + ";GatewayHostName=localhost\n",
        textOf("/v1/identities/create?with=connectionString", "{\"identity\":\"d/m\"}"));
    assertEquals(
        "HostName=gantry.local;DeviceId=x;x509=true;GatewayHostName=localhost\n",
        textOf(
            "/v1/identities/create?with=connectionString",
            "{\"identity\":\"x\",\"auth\":\"x509-authority\"}"));
  }

  /** Otherwise it would be there, and the next try would be refused because of it. */
  @Test
  void nothingIsCreatedWhenItsConnectionStringCannotBeTold() {
    gateway.certificates = Optional.empty();
    assertRefused(
        503,
        "certificates are not there: see status",
        post("/v1/identities/create?with=connectionString", "{\"identity\":\"d\"}"));
    gateway.certificates = Optional.of(new FakeCertificates());
    assertRefused(
        400,
        "a;b: an id with a semicolon cannot stand in a connection string",
        post("/v1/identities/create?with=connectionString", "{\"identity\":\"a;b\"}"));
    assertRefused(
        400,
        "with: expected keys or connectionString, found 'all'",
        post("/v1/identities/create?with=all", "{\"identity\":\"d\"}"));
    assertEquals(List.of(), identities.list());
  }

  @Test
  void keysAndThumbprintsOfTheOperatorAreTaken() {
    ok(
        post(
            "/v1/identities/create",
            "{\"identity\":\"k\",\"auth\":\"sas\",\"primaryKey\":\"a\",\"secondaryKey\":\"b\"}"));
    assertEquals(
        "a", json(get("/v1/identities/show?identity=k&with=keys")).get("primaryKey").getAsString());
    JsonObject one =
        json(
            post(
                "/v1/identities/create",
                "{\"identity\":\"t\",\"auth\":\"x509-thumbprint\","
                    + "\"primaryThumbprint\":\"ab:0c\"}"));
    assertEquals("AB0C", one.get("primaryThumbprint").getAsString());
    assertTrue(one.get("secondaryThumbprint").isJsonNull());
    assertTrue(text("/v1/identities/show?identity=t&with=keys").endsWith("primary         AB0C\n"));
  }

  @Test
  void anIdentityThatMakesNoSenseIsRefusedWithoutAWordOfItsKeys() {
    String[][] cases = {
      {"[]", "the identity: expected a JSON object, found something else"},
      {
        "{\"identity\":\"d\",\"primaryKey\":\"swordfish", // cut off
        "the identity: expected a JSON object, found something else"
      },
      {"{}", "identity: name one"},
      {"{\"identity\":\"a/b/c\"}", "module id: character U+002F at position 2 is not allowed"},
      {"{\"identity\":\"\"}", "device id: expected 1 to 128 characters, found 0"},
      {
        "{\"identity\":\"d\",\"auth\":\"swordfish\"}",
        "auth: expected sas, x509-thumbprint or x509-authority, found something else"
      },
      {
        "{\"identity\":\"d\",\"primaryKey\":\"swordfish\"}",
        "primaryKey, secondaryKey: expected both or none"
      },
      {
        "{\"identity\":\"d\",\"primaryKey\":[\"swordfish\"]}",
        "primaryKey: expected a text, found something else"
      },
      {
        "{\"identity\":\"d\",\"auth\":\"x509-authority\",\"primaryKey\":\"swordfish\"}",
        "primaryKey, secondaryKey: expected with auth sas only"
      },
      {
        "{\"identity\":\"d\",\"primaryThumbprint\":\"A\"}",
        "primaryThumbprint, secondaryThumbprint: expected with auth x509-thumbprint only"
      },
      {
        "{\"identity\":\"d\",\"auth\":\"x509-thumbprint\"}",
        "primaryThumbprint: expected one, found none"
      },
    };
    for (String[] one : cases) {
      assertRefused(400, one[1], post("/v1/identities/create", one[0]));
    }
    assertEquals(413, post("/v1/identities/create", " ".repeat(16 * 1024 + 1)).statusCode());
    assertEquals(List.of(), identities.list());
  }

  @Test
  void whatTheRegistryRefusesHasTheStatusThatFits() {
    create("d");
    assertRefused(
        409,
        "identity d: there is one already",
        post("/v1/identities/create", "{\"identity\":\"d\"}"));
    for (String action : List.of("enable", "disable", "delete")) {
      assertRefused(
          404, "identity e: there is none", post("/v1/identities/" + action + "?identity=e", ""));
    }
    assertRefused(404, "there is no identity e", get("/v1/identities/show?identity=e"));
    assertRefused(400, "identity: name one", get("/v1/identities/show"));
    assertRefused(
        400,
        "key: expected primary or secondary, found 'third'",
        post("/v1/identities/regenerate-key?identity=d&key=third", ""));
    identities.failure =
        Optional.of(new IdentityException(IdentityException.Kind.FULL, "1000 are enough"));
    assertRefused(507, "1000 are enough", post("/v1/identities/create", "{\"identity\":\"e\"}"));
    identities.failure = Optional.of(new StoreException(StoreException.Kind.FULL, "disk full"));
    assertRefused(507, "disk full", post("/v1/identities/create", "{\"identity\":\"e\"}"));
    identities.failure = Optional.of(new StoreException(StoreException.Kind.BROKEN, "disk broke"));
    assertRefused(503, "disk broke", post("/v1/identities/create", "{\"identity\":\"e\"}"));
    identities.failure = Optional.of(new IllegalStateException("a bug"));
    assertRefused(
        500,
        "internal error, see the log: IllegalStateException",
        post("/v1/identities/create", "{\"identity\":\"e\"}"));
  }

  @Test
  void aTokenIsSignedForTheHubWithThePrimaryKeyAndEndsWhenItWasTold() {
    create("d/m");
    SasToken usual = SasToken.parse(textOf("/v1/identities/token?identity=d/m", "").strip());
    assertEquals("gantry.local", usual.host());
    assertEquals("d/m", usual.identity().id());
    assertEquals(time.instant().plusSeconds(3_600), usual.expiresAt());
    assertTrue(usual.isSignedBy(PRIMARY));
    JsonObject shorter = json(post("/v1/identities/token?identity=d/m&ttl=60", ""));
    assertEquals("2026-01-01T00:01:00Z", shorter.get("expiresAt").getAsString());
    assertEquals(
        time.instant().plusSeconds(60),
        SasToken.parse(shorter.get("token").getAsString()).expiresAt());
    assertRefused(
        400,
        "ttl: expected 1 to 31622400 seconds, found 0",
        post("/v1/identities/token?identity=d/m&ttl=0", ""));
    ok(post("/v1/identities/create", "{\"identity\":\"x\",\"auth\":\"x509-authority\"}"));
    assertRefused(
        400,
        "x: expected an identity with keys, found one with certificates",
        post("/v1/identities/token?identity=x", ""));
  }

  /** The fingerprint is what openssl x509 -fingerprint -sha256 says of the file. */
  @Test
  void theCertificateIsShownAndItsAuthorityExported() throws Exception {
    String text = text("/v1/certificate");
    assertTrue(
        text.startsWith("host name    localhost\nnames        127.0.0.1, localhost\nserver\n"),
        text);
    X509Certificate authority = new FakeCertificates().authority().orElseThrow();
    JsonObject json = json(get("/v1/certificate")).getAsJsonObject("authority");
    assertEquals(
        authority.getNotAfter().toInstant().toString(), json.get("notAfter").getAsString());
    assertTrue(json.get("sha256").getAsString().matches("([0-9A-F]{2}:){31}[0-9A-F]{2}"));
    assertTrue(text.contains("  sha-256    " + json.get("sha256").getAsString() + "\n"), text);

    String pem = text("/v1/certificate/authority");
    assertEquals(
        authority,
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(UTF_8))));
    assertEquals(pem, json(get("/v1/certificate/authority")).get("certificate").getAsString());
  }

  @Test
  void aCertificateIsRenewedOrTheReasonIsTold() {
    assertRefused(
        500,
        "the former certificate stays: these certificates are not renewed",
        post("/v1/certificate/renew", ""));
    Renewable renewable = new Renewable();
    gateway.certificates = Optional.of(renewable);
    assertEquals("host2", json(post("/v1/certificate/renew", "")).get("hostName").getAsString());
    assertTrue(json(get("/v1/certificate")).get("authority").isJsonNull());
    assertRefused(
        404,
        "the certificate of the authority was not given to this gateway",
        get("/v1/certificate/authority"));
  }

  /** Another host name tells that it was renewed; it has no authority. */
  private static final class Renewable implements Certificates {

    private int renewed = 1;

    @Override
    public String hostName() {
      return "host" + renewed;
    }

    @Override
    public Set<String> names() {
      return Set.of(hostName());
    }

    @Override
    public SSLContext serverContext() {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<X509Certificate> chain() {
      return List.of();
    }

    @Override
    public Optional<X509Certificate> authority() {
      return Optional.empty();
    }

    @Override
    public boolean isTrusted(List<X509Certificate> chain) {
      return false;
    }

    @Override
    public void renew() {
      renewed++;
    }
  }

  /** Numbers stay as the device wrote them, and control characters cannot reach the terminal. */
  @Test
  void aTwinIsShownWithItsVersions() {
    String shown =
        """
        {
          "desired": {
            "a": 1.50,
            "$version": 3
          },
          "reported": {
            "text": "\\u001b[2J\\u009b",
            "$version": 2
          }
        }
        """;
    assertEquals(shown, text("/v1/twins?identity=d/m"));
    assertEquals(shown, ok(post("/v1/twins/update?identity=d", "{\"a\":1.50}")));
    assertEquals(List.of("get d/m", "update d {\"a\":1.50}"), backEnd.told);
  }

  @Test
  void whatTwinsRefuseHasTheirStatus() {
    backEnd.twin = CompletableFuture.failedFuture(new RequestException(404, "no identity d"));
    assertRefused(404, "no identity d", get("/v1/twins?identity=d"));
    backEnd.twin = CompletableFuture.failedFuture(new RequestException(400, "desired: no object"));
    assertRefused(400, "desired: no object", post("/v1/twins/update?identity=d", "3"));
    assertEquals(413, post("/v1/twins/update?identity=d", " ".repeat(256 * 1024 + 1)).statusCode());
  }

  @Test
  void aMethodIsCalledAndItsAnswerShown() {
    assertEquals(
        "status 200\n{\n  \"ok\": true\n}\n",
        textOf("/v1/methods/invoke?identity=d/m&name=reset", ""));
    JsonObject json =
        json(
            post(
                "/v1/methods/invoke?identity=d&name=a%20b&timeout=300&connectTimeout=20",
                "{\"x\":1}"));
    assertEquals(200, json.get("status").getAsInt());
    assertTrue(json.getAsJsonObject("payload").get("ok").getAsBoolean());
    assertEquals(List.of("d/m reset null 30 0", "d a b {\"x\":1} 300 20"), backEnd.told);
  }

  /** Shells take the dollar sign of the agent's module id for themselves. */
  @Test
  void theAgentIsAModuleOfTheGatewayByItsNameAlone() throws Exception {
    String own = gateway.hub.orElseThrow().deviceId();
    for (String name :
        List.of("edgeAgent", "$edgeAgent", own + "/edgeAgent", own + "/$edgeAgent")) {
      textOf("/v1/methods/invoke?identity=" + name + "&name=ping", "");
    }
    String told = own + "/$edgeAgent ping null 30 0";
    assertEquals(List.of(told, told, told, told), backEnd.told);
    identities.create(new DeviceIdentity("edgeAgent"), Optional.empty());
    textOf("/v1/methods/invoke?identity=edgeAgent&name=ping", "");
    assertEquals("edgeAgent ping null 30 0", backEnd.told.get(4));
    textOf("/v1/methods/invoke?identity=other/edgeAgent&name=ping", "");
    assertEquals("other/edgeAgent ping null 30 0", backEnd.told.get(5));
  }

  @Test
  void anAnswerThatIsNoSuccessIsMarked() {
    HttpResponse<String> good = post("/v1/methods/invoke?identity=d&name=m", "");
    assertEquals(Optional.empty(), good.headers().firstValue("Gantry-Outcome"));
    backEnd.response = CompletableFuture.completedFuture(new MethodResponse(404, "no JSON"));
    HttpResponse<String> bad = post("/v1/methods/invoke?identity=d&name=m", "");
    assertEquals(Optional.of("failed"), bad.headers().firstValue("Gantry-Outcome"));
    assertEquals("no JSON", json(bad).get("payload").getAsString());
  }

  @Test
  void aMethodThatCannotBeCalledHasItsStatus() {
    backEnd.response = CompletableFuture.failedFuture(new RequestException(504, "no answer"));
    assertRefused(504, "no answer", post("/v1/methods/invoke?identity=d&name=m", ""));
    assertRefused(400, "name: name one", post("/v1/methods/invoke?identity=d", ""));
    assertRefused(
        400,
        "timeout: expected a number, found 'x'",
        post("/v1/methods/invoke?identity=d&name=m&timeout=x", ""));
    assertEquals(
        413, post("/v1/methods/invoke?identity=d&name=m", " ".repeat(256 * 1024 + 1)).statusCode());
  }

  /** They wait for minutes: status has to answer meanwhile. */
  @Test
  void callsThatWaitLeaveRoomForOthersAndEndWithTheGateway() throws Exception {
    backEnd.response = new CompletableFuture<>();
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      waiting.add(
          http.sendAsync(
              request("/v1/methods/invoke?identity=d&name=m").POST(BodyPublishers.noBody()).build(),
              BodyHandlers.ofString(UTF_8)));
    }
    while (backEnd.told.size() < 16) {
      Thread.onSpinWait();
    }
    assertRefused(
        429,
        "16 methods are being called already; try later",
        post("/v1/methods/invoke?identity=d&name=m", ""));
    ok(get("/v1/status"));
    server.close();
    for (CompletableFuture<HttpResponse<String>> one : waiting) {
      assertRefused(503, "the gateway stops", one.get());
    }
  }

  @Test
  void aMessageReachesTheDeviceWithItsPropertiesAndExpiry() {
    assertEquals(
        "stored for d, which gets it when it is connected\n",
        textOf(
            "/v1/c2d/send?device=d&expiry=60",
            "{\"properties\":{\"a\":\"1\"},\"systemProperties\":{\"messageId\":\"m1\"},"
                + "\"bodyBase64\":\"aGVsbG8=\"}"));
    Message message = backEnd.messages.get(0);
    assertEquals("hello", message.body().asText());
    assertEquals(Optional.of("1"), message.property("a"));
    assertEquals(Optional.of("m1"), message.systemProperty("messageId"));
    ok(post("/v1/c2d/send?device=d", "{\"body\":\"x\"}"));
    assertEquals(List.of("d Optional[2026-01-01T00:01:00Z]", "d Optional.empty"), backEnd.told);
  }

  @Test
  void aMessageThatIsRefusedHasTheStatusThatFits() {
    String path = "/v1/c2d/send?device=d";
    assertRefused(
        400, "expiry: expected 1 to 315360000 seconds, found 0", post(path + "&expiry=0", "{}"));
    assertRefused(
        400,
        "device: expected a device, found the module d/m, which gets none",
        post("/v1/c2d/send?device=d/m", "{}"));
    assertRefused(400, "device: name one", post("/v1/c2d/send", "{}"));
    assertEquals(400, post(path, "no message").statusCode());
    assertEquals(413, post(path, " ".repeat(512 * 1024 + 1)).statusCode());
    assertEquals(List.of(), backEnd.told);
    Reason[] reasons = {Reason.TOO_LARGE, Reason.STORE_FULL, Reason.STORE_BROKEN, Reason.INVALID};
    int[] statuses = {413, 507, 503, 400};
    for (int i = 0; i < reasons.length; i++) {
      backEnd.result = new SendResult.Rejected(reasons[i], "because " + i);
      assertRefused(statuses[i], "because " + i, post(path, "{}"));
    }
  }

  @Test
  void aServiceThatIsMissingIsNamed() {
    create("d");
    gateway.hub = Optional.empty();
    assertRefused(
        503, "the hub is not there: see status", post("/v1/identities/token?identity=d", ""));
    gateway.identities = Optional.empty();
    gateway.certificates = Optional.empty();
    gateway.twins = Optional.empty();
    gateway.methods = Optional.empty();
    gateway.deviceMessages = Optional.empty();
    for (String path :
        List.of(
            "/v1/identities",
            "/v1/identities/show?identity=d",
            "/v1/certificate",
            "/v1/certificate/authority",
            "/v1/twins?identity=d")) {
      assertEquals(503, get(path).statusCode(), path);
    }
    for (String path :
        List.of(
            "/v1/identities/delete?identity=d",
            "/v1/certificate/renew",
            "/v1/twins/update?identity=d",
            "/v1/methods/invoke?identity=d&name=m",
            "/v1/c2d/send?device=d")) {
      HttpResponse<String> answer = post(path, "{}");
      assertEquals(503, answer.statusCode(), path);
      assertTrue(answer.body().contains("not there: see status"), answer.body());
    }
  }

  @Test
  void nothingOfItIsToldWithoutTheToken() {
    create("d");
    HttpResponse<String> answer =
        send(request("/v1/identities/show?identity=d&with=keys").setHeader("Authorization", "x"));
    assertEquals(401, answer.statusCode());
    assertEquals(new DeviceIdentity("d"), identities.list().get(0).identity());
  }
}
