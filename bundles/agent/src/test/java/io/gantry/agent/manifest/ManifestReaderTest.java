package io.gantry.agent.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.agent.Manifests;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestReaderTest {

  private static final String DESIRED = "modulesContent.$edgeAgent.properties.desired";

  /** By an editor, too. */
  private static Deployment accepted(String text) {
    DeploymentSchema.assertTaken(text);
    return acceptedByTheAgent(text);
  }

  private static Deployment acceptedByTheAgent(String text) {
    ParsedManifest parsed = ManifestReader.read(text);
    assertInstanceOf(Deployment.class, parsed, parsed.toString());
    return (Deployment) parsed;
  }

  private static Rejected rejected(int code, String text) {
    Rejected rejected = assertInstanceOf(Rejected.class, ManifestReader.read(text));
    assertEquals(code, rejected.code(), rejected.toString());
    return rejected;
  }

  private static String pair(String agent) {
    return "{\"$edgeAgent\":" + agent + ",\"$edgeHub\":" + Manifests.HUB + "}";
  }

  private static DeclaredModule module(String... members) {
    return accepted(Manifests.of(Manifests.module("a", "1.0", members))).modules().get("a");
  }

  private static String errorOf(String... members) {
    List<String> errors =
        rejected(400, Manifests.of(Manifests.module("a", "1.0", members))).errors();
    assertEquals(1, errors.size(), errors.toString());
    return errors.get(0);
  }

  /** With one error, and by an editor at the same place. */
  private static void refused(String text, String error) {
    assertEquals(List.of(error), rejected(400, text).errors());
    DeploymentSchema.assertRefused(text, error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.0.0", "1.1", "1.1.0", "1.0.7"})
  void aKnownSchemaVersionIsAccepted(String version) {
    accepted(pair(Manifests.agent(version)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1.1", "1.2", "2.0", "0.9", "", "abc", "1", "1.1.0.0", "1.0.0.0.0"})
  void anotherSchemaVersionIsRefusedWith412(String version) {
    String error = rejected(412, pair(Manifests.agent(version))).errors().get(0);
    assertTrue(error.startsWith("$edgeAgent.schemaVersion: expected"), error);
    DeploymentSchema.assertRefused(pair(Manifests.agent(version)), error);
  }

  @Test
  void aMissingSchemaVersionIsRefusedWith412() {
    String error = rejected(412, pair("{\"runtime\":{}}")).errors().get(0);
    assertEquals(
        "$edgeAgent.schemaVersion: expected a version as 1.0 or 1.1, found nothing", error);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "{}",
        "{\"modulesContent\":{}}",
        "{\"content\":{\"modulesContent\":{}}}"
      })
  void nothingAtAllIsRefusedWith417(String text) {
    rejected(417, text);
  }

  @Test
  void anEmptyDesiredSectionIsRefusedWith417() {
    rejected(417, pair("{}"));
    rejected(417, pair("{\"properties.desired\":{}}"));
  }

  @Test
  void aManifestWithoutOneOfTheTwinsSaysWhichIsMissing() {
    assertEquals(
        List.of("modulesContent.$edgeHub: expected an object, found nothing"),
        rejected(
                400,
                "{\"modulesContent\":{\"$edgeAgent\":{\"properties.desired\":"
                    + Manifests.agent("1.1")
                    + "}}}")
            .errors());
    assertEquals(
        List.of("$edgeAgent: expected an object, found nothing"),
        rejected(400, "{\"$edgeHub\":" + Manifests.HUB + "}").errors());
  }

  @Test
  void allFormsOfTheEnvelopeMeanTheSame() {
    String agent = Manifests.agent("1.1", Manifests.module("a", "1.0"));
    Deployment whole = accepted(Manifests.of(Manifests.module("a", "1.0")));
    assertEquals(whole, accepted(pair(agent)));
    assertEquals(whole, accepted(pair("{\"properties.desired\":" + agent + "}")));
    assertEquals(whole, accepted(pair("{\"properties\":{\"desired\":" + agent + "}}")));
    assertEquals(
        whole, accepted("{\"content\":" + Manifests.of(Manifests.module("a", "1.0")) + "}"));
  }

  @Test
  void layersAreSetOverTheWholeSection() {
    String text =
        "{\"modulesContent\":{\"$edgeAgent\":{\"properties.desired\":"
            + Manifests.agent("1.1", Manifests.module("a", "1.0"))
            + ",\"properties.desired.modules.b\":{"
            + Manifests.module("x", "2.0").substring(5)
            + ",\"properties.desired.modules.a.restartPolicy\":\"never\"},"
            + "\"$edgeHub\":{\"properties.desired\":"
            + Manifests.HUB
            + ",\"properties.desired.routes.more\":\"FROM /* INTO $upstream\"}}}";
    Deployment deployment = accepted(text);
    assertEquals("[a, b]", deployment.modules().keySet().toString());
    assertEquals(RestartPolicy.NEVER, deployment.modules().get("a").restartPolicy());
    assertTrue(deployment.hubDesired().contains("\"more\":\"FROM /* INTO $upstream\""));
    assertTrue(deployment.hubDesired().contains("\"up\":"));
  }

  @Test
  void aLayerWhosePathRunsThroughAValueIsRefused() {
    String text =
        "{\"modulesContent\":{\"$edgeAgent\":{\"properties.desired\":"
            + Manifests.agent("1.1")
            + ",\"properties.desired.schemaVersion.x\":1},\"$edgeHub\":"
            + Manifests.HUB
            + "}}";
    String error = rejected(400, text).errors().get(0);
    assertTrue(error.startsWith(DESIRED + ".schemaVersion.x: expected a path"), error);
  }

  /** It tells of signs only: a text may be a secret. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{`a`:{`b`:{},}}|1, column 15: not valid JSON: a comma stands before }",
        "[1,2,]|1, column 7: not valid JSON: a comma stands before ]",
        "{`a`:1,, `b`:2}|1, column 9: not valid JSON: a comma stands before a comma",
        "{`a`:1 `b`:2}|1, column 9: not valid JSON: a comma or a colon is missing",
        "{`a` `b`}|1, column 7: not valid JSON: a comma or a colon is missing",
        "{`a`:1,^  // why^`b`:2}|2, column 4: not valid JSON: comments are not possible",
        "{^'a':1}|2, column 2: not valid JSON: expected quotation marks, found an apostrophe",
        "{`a`:secret}|1, column 6: not valid JSON",
        "{`a`:}|1, column 6: not valid JSON",
      })
  void anUsualSlipInTheJsonIsNamed(String text, String error) {
    assertEquals(
        List.of("manifest, line " + error),
        rejected(400, text.replace('`', '"').replace('^', '\n')).errors());
  }

  @Test
  void malformedJsonIsRefusedWithLineAndColumn() {
    String error = rejected(400, "{\n  \"modulesContent\": {\n    \"a\" 1\n").errors().get(0);
    assertTrue(error.startsWith("manifest, line 3, column "), error);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,}",
        "{'a':1}",
        "{a:1}",
        "[1,]",
        "{\"a\":NaN}",
        "{\"a\":1} x",
        "{\"a\":01}",
        "{\"a\":TRUE}",
        "{\"a\":1;\"b\":2}",
        "{\"a\":1e99999999999}",
        "// c\n{}",
        "{\"a\":\"\n\"}",
        "{\"a\":",
        "{\"a\":\"x"
      })
  void whatIsOnlyAlmostJsonIsRefused(String text) {
    String error = rejected(400, text).errors().get(0);
    assertTrue(error.matches("(?s)manifest, line \\d+, column \\d+: .*"), error);
  }

  @Test
  void aSyntaxErrorDoesNotQuoteTheText() {
    String error = rejected(400, "{\"password\": hunter2}").errors().get(0);
    assertFalse(error.contains("hunter2"), error);
  }

  @Test
  void aNameGivenTwiceIsRefused() {
    String error = rejected(400, "{\"a\":1,\n\"a\":2}").errors().get(0);
    assertTrue(error.startsWith("manifest, line 2") && error.contains("twice"), error);
    assertTrue(errorOf("\"Status\":\"stopped\"").contains("given twice"));
  }

  @Test
  void depthAndSizeAreBounded() {
    assertTrue(
        rejected(400, "[".repeat(100_000)).errors().get(0).contains("nested deeper than 32"));
    assertTrue(
        rejected(400, "[" + " ".repeat(ManifestReader.LONGEST) + "]")
            .errors()
            .get(0)
            .contains("expected at most 1048576 characters"));
  }

  @Test
  void manyErrorsAreCutOff() {
    StringBuilder modules = new StringBuilder("\"m0\":1");
    for (int i = 1; i < 1000; i++) {
      modules.append(",\"m").append(i).append("\":1");
    }
    assertEquals(51, rejected(400, Manifests.of(modules.toString())).errors().size());
  }

  @Test
  void whatIsLeftOutHasTheDocumentedDefault() {
    DeclaredModule module = module();
    assertEquals(RestartPolicy.ON_UNHEALTHY, module.restartPolicy());
    assertEquals(PullPolicy.ON_CREATE, module.pullPolicy());
    assertEquals(4294967295L, module.startupOrder());
    assertEquals("", module.version());
    assertEquals(Map.of(), module.env());
    assertEquals("{}", module.createOptions());
    Deployment deployment = accepted(Manifests.of());
    assertEquals(RestartPolicy.ALWAYS, deployment.edgeHub().restartPolicy());
    assertEquals(0, deployment.edgeAgent().startupOrder());
    assertEquals(List.of(), deployment.warnings());
  }

  @Test
  void namesAndWordsOfTheSchemaMayBeWrittenInAnyCase() {
    DeclaredModule module =
        acceptedByTheAgent(
                Manifests.of(
                    Manifests.module(
                        "a",
                        "1.0",
                        "\"RESTARTPOLICY\":\"Always\"",
                        "\"imagepullpolicy\":\"Never\"",
                        "\"Version\":\"2\"")))
            .modules()
            .get("a");
    assertEquals(RestartPolicy.ALWAYS, module.restartPolicy());
    assertEquals(PullPolicy.NEVER, module.pullPolicy());
    assertEquals("2", module.version());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'restartPolicy':'sometimes'|.restartPolicy: expected never or on-failure or on-unhealthy"
            + " or always, found 'sometimes'",
        "'restartPolicy':null|.restartPolicy: expected never or on-failure or on-unhealthy or"
            + " always, found null",
        "'startupOrder':null|.startupOrder: expected a whole number from 0 to 4294967295, found"
            + " null",
        "'startupOrder':-1|.startupOrder: expected a whole number from 0 to 4294967295, found -1",
        "'startupOrder':1.5|.startupOrder: expected a whole number from 0 to 4294967295, found 1.5",
        "'startupOrder':4294967296|.startupOrder: expected a whole number from 0 to 4294967295,"
            + " found 4294967296",
        "'imagePullPolicy':'later'|.imagePullPolicy: expected on-create or never, found 'later'",
        "'env':[]|.env: expected an object, found a list",
        "'env':{'A':'b'}|.env.A: expected an object, found text",
        "'env':{'A':{'value':{}}}|.env.A.value: expected text, a number, true or false, found an"
            + " object",
      })
  void aWrongMemberIsNamedWithPathExpectedAndFound(String member, String error) {
    refused(
        Manifests.of(Manifests.module("a", "1.0", member.replace('\'', '"'))),
        DESIRED + ".modules.a" + error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'type':'bundle','settings':{'image':'x'}}|.status: expected running or stopped, found"
            + " nothing",
        "{'type':'bundle','status':'dead','settings':{'image':'x'}}|.status: expected running or"
            + " stopped, found 'dead'",
        "{'type':'rpm','status':'running','settings':{'image':'x'}}|.type: expected bundle or"
            + " docker, found 'rpm'",
        "{'status':'running','settings':{'image':'x'}}|.type: expected bundle or docker, found"
            + " nothing",
        "{'type':'bundle','status':'running','settings':{'image':' '}}|.settings.image: expected"
            + " text that is not blank, found blank text",
        "{'type':'bundle','status':'running','settings':{}}|.settings.image: expected text that is"
            + " not blank, found nothing",
        "{'type':'bundle','status':'running'}|.settings: expected an object, found nothing",
        "{'type':'bundle','status':'running','settings':{'image':'a:latest'}}|.settings.image:"
            + " image 'a:latest': expected a version as 1.2.3, a range as [1.0,2), or none for the"
            + " highest, found 'latest' (a module is an OSGi bundle; images of containers cannot"
            + " run here)",
        "{'type':'docker','status':'running','settings':{'image':'r.azurecr.io/t/a:1.0-amd64'}}"
            + "|.settings.image: image 'r.azurecr.io/t/a:1.0-amd64': expected a version as 1.2.3, a"
            + " range as [1.0,2), or none for the highest, found '1.0-amd64' (a module is an OSGi"
            + " bundle; images of containers cannot run here)",
        "{'type':'bundle','status':'running','settings':{'image':'https://r.example/a:x'}}"
            + "|.settings.image: image 'https://r.example/a:x': expected a version as 1.2.3, a"
            + " range as [1.0,2), or none for the highest, found 'x'",
        "{'type':'bundle','status':'running','settings':{'image':'x','digest':'abc'}}|"
            + ".settings.digest: expected sha256: and 64 hex digits, found 'abc'",
      })
  void whatAModuleNeedsIsNamedWhenItIsNotThere(String module, String error) {
    refused(Manifests.of("\"a\":" + module.replace('\'', '"')), DESIRED + ".modules.a" + error);
  }

  @Test
  void allErrorsAreFoundInOneReading() {
    Rejected rejected =
        rejected(400, Manifests.of("\"a\":{\"type\":\"rpm\",\"restartPolicy\":1}", "\"b\":7"));
    assertEquals(5, rejected.errors().size(), rejected.toString());
  }

  @Test
  void dockerIsASynonymOfBundle() {
    String docker = Manifests.module("a", "1.0").replace("\"bundle\"", "\"docker\"");
    assertEquals("docker", accepted(Manifests.of(docker)).modules().get("a").type());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.b", "a$", "#", "a b", "", "a/b", "a\\u0007", "edgeAgent", "EDGEHUB"})
  void aModuleNameThatNoTwinMayHaveIsRefused(String name) {
    Rejected rejected = rejected(400, Manifests.of(Manifests.member(name, "x", "running")));
    assertTrue(rejected.errors().get(0).startsWith(DESIRED + ".modules."), rejected.toString());
    assertFalse(
        DeploymentSchema.errors(Manifests.of(Manifests.member(name, "x", "running"))).isEmpty());
  }

  @Test
  void environmentValuesBecomeText() {
    assertEquals(
        Map.of("T", "x", "N", "500", "F", "1.50", "B", "true", "E", "", "M", ""),
        module(
                "\"env\":{\"T\":{\"value\":\"x\"},\"N\":{\"value\":500},\"F\":{\"value\":1.50},"
                    + "\"B\":{\"value\":true},\"E\":{\"value\":null},\"M\":{}}")
            .env());
  }

  private static String settings(String settings) {
    return Manifests.of(
        "\"a\":{\"type\":\"bundle\",\"status\":\"running\",\"settings\":{\"image\":\"x\","
            + settings.replace('\'', '"')
            + "}}");
  }

  @Test
  void createOptionsAsTextPiecesOrObjectMeanTheSame() {
    Map<String, Map<String, Object>> expected =
        Map.of("p", Map.of("l", 5L, "d", 1.5, "t", "x", "b", true, "list", List.of("a", 1L)));
    String object = "{'configuration':{'p':{'l':5,'d':1.5,'t':'x','b':true,'list':['a',1]}}}";
    String text = object.replace("'", "\\\"");
    assertEquals(
        expected,
        accepted(settings("'createOptions':" + object)).modules().get("a").configuration());
    assertEquals(
        expected,
        accepted(settings("'createOptions':'" + text + "'")).modules().get("a").configuration());
    int cut = text.indexOf("list");
    assertEquals(
        expected,
        accepted(
                settings(
                    "'createOptions':'"
                        + text.substring(0, 20)
                        + "','createOptions02':'"
                        + text.substring(cut)
                        + "','createOptions01':'"
                        + text.substring(20, cut)
                        + "'"))
            .modules()
            .get("a")
            .configuration());
  }

  @ParameterizedTest
  @ValueSource(strings = {"'createOptions':''", "'createOptions':null", "'createOptions':'{}'"})
  void emptyCreateOptionsAreNone(String settings) {
    assertEquals("{}", accepted(settings(settings)).modules().get("a").createOptions());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'{'|.createOptions: expected text with a JSON object in it, found at its line 1, column 2:"
            + " the text ends in the middle",
        "5|.createOptions: expected text, found a number",
        "'[]'|.createOptions: expected an object, found a list",
        "{'isolation':'process'}|.createOptions.isolation: expected in-process, found 'process';"
            + " this runtime has no modules in processes of their own",
        "{'isolation':'vm'}|.createOptions.isolation: expected in-process, found 'vm'",
        "{'exclusive':'yes'}|.createOptions.exclusive: expected true or false, found text",
        "{'configuration':5}|.createOptions.configuration: expected an object, found a number",
        "{'configuration':{'p':{'k':{}}}}|.createOptions.configuration.p.k: expected text, number,"
            + " true, false or a list of those, found an object",
        "{'configuration':{'p':{'k':[[]]}}}|.createOptions.configuration.p.k: expected text,"
            + " number, true, false or a list of those, found a list",
        "{'configuration':{'io.gantry.module':{}}}|.createOptions.configuration.io.gantry.module:"
            + " expected a configuration PID other than io.gantry.module, found that or none",
      })
  void badCreateOptionsAreNamedByPath(String options, String error) {
    String path = DESIRED + ".modules.a.settings";
    String text = settings("'createOptions':" + options);
    if (options.startsWith("'")) {
      assertEquals(List.of(path + error), rejected(400, text).errors());
    } else {
      refused(text, path + error);
    }
  }

  @Test
  void createOptionsOfAContainerEngineAreAcceptedWithAWarning() {
    Deployment deployment =
        accepted(settings("'createOptions':'{\\\"HostConfig\\\":{}}'").replace("'", "\""));
    assertEquals(
        List.of(
            DESIRED
                + ".modules.a.settings.createOptions.HostConfig: a create option without meaning"
                + " for a bundle has no effect"),
        deployment.warnings());
  }

  @Test
  void theDigestBesideTheImagePinsIt() {
    String digest = "a".repeat(64);
    DeclaredModule module =
        accepted(settings("'digest':'sha256:" + digest + "'")).modules().get("a");
    assertEquals(digest, module.image().digest().orElseThrow());
    assertEquals("x", module.imageText());
  }

  private static String login(String members) {
    return Manifests.of()
        .replace(
            "\"minDockerVersion\":\"v1.25\"",
            "\"registryCredentials\":{\"plant\":" + members.replace('\'', '"') + "}");
  }

  @Test
  void aLoginNeedsAllThreeAndNothingOfItIsEverShown() {
    String whole = "{'address':'reg.example','username':'u','password':'hunter2'}";
    Deployment deployment = accepted(login(whole));
    assertEquals("hunter2", deployment.runtime().credentials().get(0).secret());
    assertFalse(deployment.toString().contains("hunter2"));
    assertFalse(deployment.runtime().toString().contains("hunter2"));
    assertEquals(List.of(), deployment.warnings());
    for (String broken :
        List.of(
            "{'address':'r','password':'hunter2'}",
            "{'address':' ','username':'u','password':'hunter2'}",
            "'hunter2'",
            "['hunter2']",
            "{'address':'r','username':{'hunter2':1},'password':'hunter2'}")) {
      Rejected rejected = rejected(400, login(broken));
      assertTrue(rejected.errors().get(0).contains("registryCredentials.plant"));
      assertFalse(rejected.toString().contains("hunter2"), rejected.toString());
    }
  }

  @Test
  void aLoginInsideAnImageIsRefusedAndNotQuoted() {
    Rejected rejected =
        rejected(400, Manifests.of(Manifests.member("a", "https://u:hunter2@reg/x:1", "running")));
    assertTrue(rejected.errors().get(0).contains("registryCredentials"), rejected.toString());
    assertFalse(rejected.toString().contains("hunter2"), rejected.toString());
  }

  @Test
  void aLongImageIsReadInTime() {
    String text = Manifests.of(Manifests.member("a", "@".repeat(1_000_000), "running"));
    assertTimeoutPreemptively(Duration.ofSeconds(60), () -> rejected(400, text));
  }

  /** Addresses are reported, logged and shown as they are. */
  @ParameterizedTest
  @ValueSource(strings = {"https://u:hunter2@reg.example/plant", "u:hunter2@reg.example"})
  void aLoginInsideAnAddressIsRefusedAndNotQuoted(String address) {
    String text = login("{'address':'" + address + "','username':'u','password':'p'}");
    Rejected rejected = rejected(400, text);
    assertFalse(rejected.toString().contains("hunter2"), rejected.toString());
    DeploymentSchema.assertRefused(text, rejected.errors().get(0));
  }

  @Test
  void aLoginInsideTheImageOfASystemModuleIsRefusedAndNotQuoted() {
    String text = Manifests.of().replace("mcr.microsoft.com/", "https://u:hunter2@reg.example/");
    Rejected rejected = rejected(400, text);
    assertEquals(2, rejected.errors().size(), rejected.toString());
    assertFalse(rejected.toString().contains("hunter2"), rejected.toString());
    rejected.errors().forEach(error -> DeploymentSchema.assertRefused(text, error));
  }

  @Test
  void whatHasNoEffectIsWarnedOf() {
    String text =
        Manifests.of(Manifests.module("a", "1.0"))
            .replace("mcr.microsoft.com/azureiotedge-hub:1.5", "plant.example/other:1");
    assertEquals(
        List.of(
            DESIRED
                + ".systemModules.edgeHub.settings.image: has no effect, this runtime itself is the"
                + " edgeHub"),
        accepted(text).warnings());
  }

  /** The layout that the portal and the command line of IoT Edge write. */
  @Test
  void aManifestAsTheCloudWritesItIsAccepted() {
    Deployment deployment =
        accepted(
            """
            { "modulesContent": {
              "$edgeAgent": { "properties.desired": {
                "schemaVersion": "1.1",
                "runtime": { "type": "docker", "settings": { "minDockerVersion": "v1.25",
                  "loggingOptions": "", "registryCredentials": {} } },
                "systemModules": {
                  "edgeAgent": { "type": "docker", "settings": {
                    "image": "mcr.microsoft.com/azureiotedge-agent:1.5-linux-arm64v8",
                    "createOptions": "{}" } },
                  "edgeHub": { "type": "docker", "status": "running", "restartPolicy": "always",
                    "startupOrder": 0, "settings": { "image": "mcr.microsoft.com/azureiotedge-hub:1.5",
                    "createOptions": "{\\"HostConfig\\":{\\"PortBindings\\":{}}}" } } },
                "modules": {
                  "reader": { "version": "1.4.0", "type": "docker", "status": "running",
                    "restartPolicy": "always", "imagePullPolicy": "on-create", "startupOrder": 1,
                    "settings": { "image": "reg.example/reader:1.4.0", "createOptions": "{}" },
                    "env": { "PERIOD_MS": { "value": "500" } } },
                  "filter": { "version": "0.9", "type": "docker", "status": "stopped",
                    "restartPolicy": "never",
                    "settings": { "image": "reg.example/filter:0.9", "createOptions": "{}" } } },
                "$version": 12 } },
              "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": {},
                "storeAndForwardConfiguration": { "timeToLiveSecs": 7200 } } } } }
            """);
    assertEquals(List.of(), deployment.warnings());
    assertEquals("[filter, reader]", deployment.modules().keySet().toString());
    DeclaredModule reader = deployment.modules().get("reader");
    assertEquals("reg.example", reader.image().repository().orElseThrow());
    assertEquals(1, reader.startupOrder());
    assertEquals(DesiredStatus.STOPPED, deployment.modules().get("filter").status());
  }

  @Test
  void theSystemModulesAreRequired() {
    String agent = Manifests.agent("1.1");
    assertEquals(
        List.of("$edgeAgent.systemModules.edgeHub: expected an object, found nothing"),
        rejected(400, pair(agent.replace("edgeHub", "other"))).errors());
    assertEquals(
        List.of("$edgeAgent.systemModules: expected an object, found nothing"),
        rejected(400, pair(agent.replace("systemModules", "other"))).errors());
    assertEquals(
        List.of("$edgeAgent.runtime: expected an object, found nothing"),
        rejected(400, pair(agent.replace("runtime", "other"))).errors());
  }
}
