package io.gantry.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Identities, certificates, twins, methods and cloud-to-device messages on the command line. */
class IdentityCommandLineTest extends CommandLine {

  @BeforeEach
  void startInstance() throws IOException {
    runningInstance(home.resolve("data"));
  }

  private static String told(String path, String body) {
    return "POST " + path + " text/plain Bearer secret " + body;
  }

  private static String asked(String path) {
    return "GET " + path + " text/plain Bearer secret ";
  }

  @Test
  void anIdentityIsCreatedWithKeysThatTheGatewayMakes() {
    answer("/v1/identities/create", 200, "created thermo1\n");
    assertEquals(0, gantry("identity", "create", "thermo1"));
    assertEquals("created thermo1\n", out());
    assertEquals(List.of(told("/v1/identities/create", "{\"identity\":\"thermo1\"}")), requests);
  }

  @Test
  void theConnectionStringOfANewIdentityComesWhereItIsAskedFor() {
    answer("/v1/identities/create", 200, "HostName=h\n");
    assertEquals(0, gantry("identity", "create", "thermo1", "--connection-string"));
    assertEquals(0, gantry("identity", "create", "thermo1", "--keys"));
    assertEquals(
        List.of(
            told("/v1/identities/create?with=connectionString", "{\"identity\":\"thermo1\"}"),
            told("/v1/identities/create?with=keys", "{\"identity\":\"thermo1\"}")),
        requests);
  }

  /** What stands on a command line is visible to other users of the machine. */
  @Test
  void keysComeFromFilesOrLineByLineFromStandardInput() throws IOException {
    answer("/v1/identities/create", 200, "created d/m\n");
    Path key = Files.writeString(home.resolve("key"), "a2V5MQ==\n");
    input = "a2V5Mg==\na2V5Mw==\n".getBytes(UTF_8);
    assertEquals(
        0, gantry("identity", "create", "d/m", "--primary-key", "@" + key, "--secondary-key", "-"));
    assertEquals(
        0, gantry("identity", "create", "d/m", "--primary-key", "-", "--secondary-key", "-"));
    assertEquals(0, gantry("identity", "create", "d/m", "--primary-key=a", "--secondary-key=b"));
    assertEquals(
        List.of(
            told(
                "/v1/identities/create",
                "{\"identity\":\"d/m\",\"primaryKey\":\"a2V5MQ==\",\"secondaryKey\":\"a2V5Mg==\"}"),
            told(
                "/v1/identities/create",
                "{\"identity\":\"d/m\",\"primaryKey\":\"a2V5Mg==\",\"secondaryKey\":\"a2V5Mw==\"}"),
            told(
                "/v1/identities/create",
                "{\"identity\":\"d/m\",\"primaryKey\":\"a\",\"secondaryKey\":\"b\"}")),
        requests);
  }

  @Test
  void aKeyThatCannotBeReadEndsWithOneBeforeAnythingIsSent() throws IOException {
    assertEquals(1, gantry("identity", "create", "d", "--primary-key=@none", "--secondary-key=b"));
    assertEquals(1, gantry("identity", "create", "d", "--primary-key=-", "--secondary-key=b"));
    assertEquals(
        "gantry: cannot read the value of --primary-key: there is no file none\n"
            + "gantry: cannot read the value of --primary-key: there is nothing\n",
        err());
    assertEquals(List.of(), requests);
  }

  @Test
  void anIdentityWithCertificatesIsCreated() {
    answer("/v1/identities/create", 200, "created d\n");
    assertEquals(0, gantry("identity", "create", "d", "--auth", "x509-authority"));
    assertEquals(
        0,
        gantry(
            "identity",
            "create",
            "d",
            "--auth",
            "x509-thumbprint",
            "--primary-thumbprint",
            "A1",
            "--secondary-thumbprint",
            "B2"));
    assertEquals(
        List.of(
            told("/v1/identities/create", "{\"identity\":\"d\",\"auth\":\"x509-authority\"}"),
            told(
                "/v1/identities/create",
                "{\"identity\":\"d\",\"auth\":\"x509-thumbprint\",\"primaryThumbprint\":\"A1\","
                    + "\"secondaryThumbprint\":\"B2\"}")),
        requests);
  }

  @Test
  void identitiesAreListedShownChangedAndDeleted() {
    answer("/v1/identities", 200, "x\n");
    assertEquals(0, gantry("identity", "list"));
    assertEquals(0, gantry("identity", "show", "d/m"));
    assertEquals(0, gantry("identity", "show", "--keys", "d/m"));
    assertEquals(0, gantry("identity", "show", "d/m", "--connection-string"));
    assertEquals(0, gantry("identity", "enable", "d#1"));
    assertEquals(0, gantry("identity", "disable", "d"));
    assertEquals(0, gantry("identity", "delete", "d"));
    assertEquals(0, gantry("identity", "regenerate-key", "d", "--key", "secondary"));
    assertEquals(0, gantry("identity", "token", "d"));
    assertEquals(0, gantry("identity", "token", "d", "--ttl", "60"));
    assertEquals(
        List.of(
            asked("/v1/identities"),
            asked("/v1/identities/show?identity=d%2Fm"),
            asked("/v1/identities/show?identity=d%2Fm&with=keys"),
            asked("/v1/identities/show?identity=d%2Fm&with=connectionString"),
            told("/v1/identities/enable?identity=d%231", ""),
            told("/v1/identities/disable?identity=d", ""),
            told("/v1/identities/delete?identity=d", ""),
            told("/v1/identities/regenerate-key?identity=d&key=secondary", ""),
            told("/v1/identities/token?identity=d", ""),
            told("/v1/identities/token?identity=d&ttl=60", "")),
        requests);
  }

  @Test
  void everyCommandAsksForJsonWhenTold() {
    answer("/v1/", 200, "{}");
    String[][] commands = {
      {"identity", "create", "d"},
      {"identity", "list"},
      {"identity", "show", "d"},
      {"identity", "delete", "d"},
      {"identity", "enable", "d"},
      {"identity", "disable", "d"},
      {"identity", "regenerate-key", "d", "--key=primary"},
      {"identity", "token", "d"},
      {"certificate", "show"},
      {"certificate", "export-ca"},
      {"certificate", "renew"},
      {"twin", "show", "d"},
      {"twin", "update", "d", "--desired={}"},
      {"method", "invoke", "d", "m"},
      {"c2d", "send", "d", "--body=x"}
    };
    for (String[] command : commands) {
      requests.clear();
      List<String> words = new ArrayList<>(List.of(command));
      words.add("--json");
      assertEquals(0, gantry(words.toArray(String[]::new)), words::toString);
      assertTrue(requests.get(0).contains(" application/json "), requests.get(0));
    }
  }

  @Test
  void aRefusalIsShownAndEndsWithOne() {
    answer("/v1/identities/create", 409, "identity thermo1: there is one already\n");
    assertEquals(1, gantry("identity", "create", "thermo1"));
    assertEquals("gantry: identity thermo1: there is one already\n", err());
    assertEquals("", out());
  }

  @Test
  void theAuthorityIsExportedToStandardOutputOrIntoAFile() throws IOException {
    answer("/v1/certificate", 200, "certificate\n");
    answer("/v1/certificate/authority", 200, "-----BEGIN\n");
    answer("/v1/certificate/renew", 200, "new\n");
    assertEquals(0, gantry("certificate", "show"));
    assertEquals(0, gantry("certificate", "export-ca"));
    assertEquals(0, gantry("certificate", "renew"));
    assertEquals("certificate\n-----BEGIN\nnew\n", out());
    Path file = home.resolve("ca.pem");
    assertEquals(0, gantry("certificate", "export-ca", "--out", file.toString()));
    assertEquals("-----BEGIN\n", Files.readString(file));
    assertEquals(1, gantry("certificate", "export-ca", "--out", home + "/none/ca.pem"));
    assertEquals(
        "gantry: cannot write the certificate into "
            + home
            + "/none/ca.pem: there is no such folder\n",
        err());
    assertEquals(
        List.of(
            asked("/v1/certificate"),
            asked("/v1/certificate/authority"),
            told("/v1/certificate/renew", ""),
            asked("/v1/certificate/authority"),
            asked("/v1/certificate/authority")),
        requests);
  }

  @Test
  void aTwinIsShownAndItsDesiredPropertiesChanged() throws IOException {
    answer("/v1/twins", 200, "{}\n");
    Path file = Files.writeString(home.resolve("desired.json"), "{\"b\":2}");
    input = "{\"c\":3}".getBytes(UTF_8);
    assertEquals(0, gantry("twin", "show", "gateway/filter"));
    assertEquals(0, gantry("twin", "update", "d", "--desired", "{\"a\":1}"));
    assertEquals(0, gantry("twin", "update", "d", "--desired", "@" + file));
    assertEquals(0, gantry("twin", "update", "d", "--desired", "-"));
    assertEquals(
        List.of(
            asked("/v1/twins?identity=gateway%2Ffilter"),
            told("/v1/twins/update?identity=d", "{\"a\":1}"),
            told("/v1/twins/update?identity=d", "{\"b\":2}"),
            told("/v1/twins/update?identity=d", "{\"c\":3}")),
        requests);
  }

  @Test
  void aMethodIsCalledWithItsPayloadAndTimes() {
    answer("/v1/methods/invoke", 200, "status 200\nnull\n");
    assertEquals(0, gantry("method", "invoke", "d/m", "re set"));
    assertEquals(
        0,
        gantry(
            "method",
            "invoke",
            "d",
            "reset",
            "--payload",
            "{\"a\":1}",
            "--timeout",
            "300",
            "--connect-timeout",
            "20"));
    assertEquals("status 200\nnull\nstatus 200\nnull\n", out());
    assertEquals(
        List.of(
            told("/v1/methods/invoke?identity=d%2Fm&name=re+set", "null"),
            told(
                "/v1/methods/invoke?identity=d&name=reset&timeout=300&connectTimeout=20",
                "{\"a\":1}")),
        requests);
  }

  /** The answer came, so it is printed; the script still learns that the method failed. */
  @Test
  void aMethodThatAnswersWithAnErrorEndsWithOneAndItsAnswerOnStdout() {
    server.createContext(
        "/v1/methods/invoke",
        exchange -> {
          byte[] body = "status 404\n\"no such valve\"\n".getBytes(UTF_8);
          exchange.getResponseHeaders().set("Gantry-Outcome", "failed");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    assertEquals(1, gantry("method", "invoke", "d", "open"));
    assertEquals("status 404\n\"no such valve\"\n", out());
    assertEquals("", err());
  }

  @Test
  void aMessageIsSentToADeviceWithEveryPropertyThatWasGiven() throws IOException {
    answer("/v1/c2d/send", 200, "stored for d\n");
    Path file = Files.write(home.resolve("body"), new byte[] {0, (byte) 0xff});
    input = "@text".getBytes(UTF_8);
    assertEquals(0, gantry("c2d", "send", "d", "--body", "hello"));
    assertEquals(
        0,
        gantry(
            "c2d",
            "send",
            "d",
            "--body",
            "@" + file,
            "--property",
            "a=1",
            "--property",
            "q=\"=\\\n",
            "--expiry",
            "60",
            "--message-id",
            "m1"));
    assertEquals(0, gantry("c2d", "send", "d", "--body", "-"));
    assertEquals(
        List.of(
            told(
                "/v1/c2d/send?device=d",
                "{\"properties\":{},\"systemProperties\":{},\"bodyBase64\":\"aGVsbG8=\"}"),
            told(
                "/v1/c2d/send?device=d&expiry=60",
                "{\"properties\":{\"a\":\"1\",\"q\":\"\\\"=\\\\\\u000a\"},"
                    + "\"systemProperties\":{\"messageId\":\"m1\"},\"bodyBase64\":\"AP8=\"}"),
            told(
                "/v1/c2d/send?device=d",
                "{\"properties\":{},\"systemProperties\":{},\"bodyBase64\":\"QHRleHQ=\"}")),
        requests);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "identity | expected create or list or show or delete or enable or disable or"
            + " regenerate-key or token, found nothing",
        "identity crate d | expected create or list or show or delete or enable or disable or"
            + " regenerate-key or token, found crate (did you mean create?)",
        "identity create | DEVICE[/MODULE] is missing",
        "identity create a b | one word too many: 'b'",
        "identity list a | one word too many: 'a'",
        "identity show d --key primary | option --key is not for show",
        "identity show d --keys --connection-string | expected either --keys or"
            + " --connection-string",
        "identity create d --auth sass | option --auth: expected sas or x509-thumbprint or"
            + " x509-authority, found 'sass' (did you mean sas?)",
        "identity create d --primary-key k | expected both --primary-key and --secondary-key, or"
            + " none of them",
        "identity create d --auth x509-authority --primary-key k --secondary-key k | keys are for"
            + " --auth sas only",
        "identity create d --primary-thumbprint t | thumbprints are for --auth x509-thumbprint"
            + " only",
        "identity create d --auth x509-thumbprint | option --primary-thumbprint is missing",
        "identity regenerate-key d | option --key is missing",
        "identity token d --ttl soon | option --ttl: expected a number, found 'soon'",
        "certificate print | expected show or export-ca or renew, found print",
        "certificate export-ca --ot f | unknown option '--ot' (did you mean --out?)",
        "twin update d | option --desired is missing",
        "twin update --desired {} | DEVICE[/MODULE] is missing",
        "method invoke d | NAME is missing",
        "method invoke d m --timeout x | option --timeout: expected a number, found 'x'",
        "c2d send d | option --body is missing",
        "c2d send d --body x --property a | option --property: expected NAME=VALUE, found 'a'",
      })
  void wrongUsageEndsWithTwoAndAHint(String words, String text) {
    String[] command = words.split(" ");
    assertEquals(2, gantry(command));
    assertEquals("gantry: " + text + "; see gantry " + command[0] + " --help\n", err());
    assertEquals(List.of(), requests);
  }

  @Test
  void everyCommandExplainsItsActions() {
    for (String command : List.of("identity", "certificate", "twin", "method", "c2d")) {
      out.reset();
      assertEquals(0, gantry(command, "--help"));
      assertTrue(out().startsWith("Usage: gantry " + command + " "), out());
    }
    out.reset();
    assertEquals(0, gantry("identity", "token", "--help"));
    assertTrue(out().contains("gantry identity regenerate-key [options] DEVICE[/MODULE]\n"), out());
    assertTrue(out().contains("\nOptions of token:\n  --ttl SECONDS "), out());
    assertFalse(out().contains("Options of list"), out());
  }
}
