package io.gantry.agent.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.agent.Manifests;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a manifest may say that IoT Edge does not know, and what becomes of module twins. */
class ExtensionsTest {

  private static final String DESIRED = "modulesContent.$edgeAgent.properties.desired";

  private static Deployment accepted(String text) {
    DeploymentSchema.assertTaken(text);
    return acceptedByTheAgent(text);
  }

  private static Deployment acceptedByTheAgent(String text) {
    return assertInstanceOf(Deployment.class, ManifestReader.read(text));
  }

  /** With one error, and by an editor at the same place. */
  private static void refused(String text, String error) {
    assertEquals(List.of(error), errors(text));
    DeploymentSchema.assertRefused(text, error);
  }

  private static List<String> errors(String text) {
    Rejected rejected = assertInstanceOf(Rejected.class, ManifestReader.read(text));
    assertEquals(400, rejected.code());
    return rejected.errors();
  }

  private static String agentWith(String members) {
    return Manifests.of(Manifests.module("a", "1.0"))
        .replace("\"runtime\":", members.replace('\'', '"') + "\"runtime\":");
  }

  private static DeclaredModule module(String options) {
    return accepted(
            Manifests.of(
                "\"a\":{\"type\":\"bundle\",\"status\":\"running\",\"settings\":{\"image\":\"x:1\","
                    + "\"createOptions\":"
                    + options.replace('\'', '"')
                    + "}}"))
        .modules()
        .get("a");
  }

  @Test
  void anExclusiveModuleIsToldToTheEngineRoom() {
    assertFalse(module("{}").exclusive());
    assertFalse(module("{'exclusive':false}").exclusive());
    assertTrue(module("{'exclusive':true}").exclusive());
    assertTrue(module("'{\\'exclusive\\':true}'").exclusive());
    assertTrue(module("{'exclusive':true}").spec().exclusive());
  }

  /** It says how the module will be replaced, which changes nothing of what it is now. */
  @Test
  void beingExclusiveFromNowOnNeedsNothingToBeBuiltAgain() {
    assertTrue(module("{'exclusive':true}").isBuiltAs(module("{}")));
    assertFalse(module("{'exclusive':true}").equals(module("{}")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "|0",
        "'rollback':'off',|0",
        "'rollback':'automatic',|60",
        "'Rollback':'AUTOMATIC','rollbackWindowSecs':1,|1",
        "'rollback':'automatic','rollbackWindowSecs':3600,|3600",
      })
  void aNewVersionHasAWindowToBecomeHealthyWhenThatIsAskedFor(String members, long seconds) {
    Deployment deployment = accepted(agentWith(members == null ? "" : members));
    assertEquals(
        Optional.of(Duration.ofSeconds(seconds)).filter(window -> !window.isZero()),
        deployment.rollback());
    assertEquals(List.of(), deployment.warnings());
  }

  @Test
  void aWindowWithoutRollbackIsWarnedOf() {
    Deployment deployment = accepted(agentWith("'rollbackWindowSecs':5,"));
    assertEquals(Optional.empty(), deployment.rollback());
    assertEquals(
        List.of(DESIRED + ".rollbackWindowSecs: has no effect, rollback is off"),
        deployment.warnings());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'rollback':'manual',|.rollback: expected off or automatic, found 'manual'",
        "'rollback':null,|.rollback: expected off or automatic, found null",
        "'rollback':true,|.rollback: expected off or automatic, found 'true'",
        "'rollbackWindowSecs':0,|.rollbackWindowSecs: expected a whole number from 1 to 3600, found"
            + " 0",
        "'rollbackWindowSecs':3601,|.rollbackWindowSecs: expected a whole number from 1 to 3600,"
            + " found 3601",
        "'rollbackWindowSecs':'60',|.rollbackWindowSecs: expected a whole number from 1 to 3600,"
            + " found text",
      })
  void aWrongRollbackIsNamedByPath(String members, String error) {
    refused(agentWith(members), DESIRED + error);
  }

  private static String withTwin(String twin) {
    return Manifests.of(Manifests.module("a", "1.0"))
        .replace("\"$edgeHub\"", twin.replace('\'', '"') + ",\"$edgeHub\"");
  }

  @Test
  void theDesiredPropertiesOfADeclaredModuleAreKept() {
    String json = "{\"threshold\":25,\"deep\":{\"list\":[1,\"x\",true]},\"gone\":null}";
    Map<String, String> kept = Map.of("a", json.replace(",\"gone\":null", ""));
    assertEquals(
        kept, accepted(withTwin("'a':{'properties.desired':" + json + "}")).moduleDesired());
    assertEquals(
        kept, accepted(withTwin("'a':{'properties':{'desired':" + json + "}}")).moduleDesired());
    assertEquals(List.of(), accepted(withTwin("'a':{'properties.desired':{'x':1}}")).warnings());
  }

  @Test
  void aLayerOfAModuleTwinIsSetAtItsPath() {
    assertEquals(
        Map.of("a", "{\"deep\":{\"x\":1}}"),
        accepted(withTwin("'a':{'properties.desired.deep.x':1}")).moduleDesired());
  }

  /** Without content the twin is left as it is. */
  @Test
  void emptyDesiredPropertiesAreNone() {
    assertEquals(Map.of(), accepted(withTwin("'a':{'properties.desired':{}}")).moduleDesired());
    assertEquals(Map.of(), accepted(withTwin("'a':{}")).moduleDesired());
    assertEquals(
        Map.of(), accepted(withTwin("'a':{'properties.desired':{'$version':3}}")).moduleDesired());
  }

  @Test
  void theDesiredPropertiesOfNoModuleAreWarnedOf() {
    Deployment deployment = accepted(withTwin("'b':{'properties.desired':{'x':1}}"));
    assertEquals(Map.of(), deployment.moduleDesired());
    assertEquals(
        List.of(
            "modulesContent.b.properties.desired: has no effect, no module of this name is"
                + " declared"),
        deployment.warnings());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "5|: expected an object, found a number",
        "[1]|: expected an object, found a list",
        "{'x.y':1}|.x.y: expected a name without . $ # blank and control characters, found 'x.y'",
        "{'o':{'$x':1}}|.o.$x: expected a name without . $ # blank and control characters, found"
            + " '$x'",
        "{'o':[1,null]}|.o[1]: expected no null in a list, found null",
        "{'n':4503599627370497}|.n: expected an integer from -4503599627370496 to 4503599627370496"
            + " or a double, found one beyond",
      })
  void desiredPropertiesThatNoTwinTakesAreRefusedBeforeAnythingIsDeployed(
      String desired, String error) {
    refused(
        withTwin("'a':{'properties.desired':" + desired + "}"),
        "modulesContent.a.properties.desired" + error);
  }

  /** Which an editor does not see. */
  @Test
  void whatNoDoubleAndNoUnicodeIsIsRefusedInATwin() {
    String path = "modulesContent.a.properties.desired";
    String twin = "'a':{'properties.desired':";
    assertEquals(
        List.of(
            path
                + ".n: expected an integer from -4503599627370496 to 4503599627370496 or a double,"
                + " found one beyond"),
        errors(withTwin(twin + "{'n':1.5e400}}")));
    assertEquals(
        List.of(path + ".s: expected Unicode text, found half a surrogate pair"),
        errors(withTwin(twin + "{'s':'\\ud800'}}")));
  }

  @Test
  void theSizesOfAModuleTwinAreBounded() {
    String path = "modulesContent.a.properties.desired";
    String twin = "'a':{'properties.desired':";
    assertEquals(
        List.of(path + ".s: expected a text of at most 4096 bytes, found a longer one"),
        errors(withTwin(twin + "{'s':'" + "ä".repeat(2049) + "'}}")));
    accepted(withTwin(twin + "{'s':'" + "ä".repeat(2048) + "'}}"));
    String many = ("'%d':'" + "x".repeat(4000) + "',").repeat(9);
    String nine = String.format(many, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertEquals(
        List.of(path + ": expected at most 32768 bytes in all, found more"),
        errors(withTwin(twin + "{" + nine + "'z':1}}")));
    String tenLevels = "{'l':".repeat(10) + "{'x':1}" + "}".repeat(10);
    accepted(withTwin(twin + tenLevels + "}"));
    assertEquals(1, errors(withTwin(twin + "{'l':" + tenLevels + "}}")).size());
  }

  @Test
  void whatStandsBesideTheBarePairAndIsNoTwinIsWarnedOf() {
    String text =
        "{\"$edgeAgent\":"
            + Manifests.agent("1.1", Manifests.module("a", "1.0"))
            + ",\"a\":{\"properties.desired\":{\"x\":1}},\"note\":\"mine\",\"$edgeHub\":"
            + Manifests.HUB
            + "}";
    Deployment deployment = acceptedByTheAgent(text);
    assertEquals(Map.of("a", "{\"x\":1}"), deployment.moduleDesired());
    assertEquals(
        List.of("note: has no effect, it is no module with desired properties"),
        deployment.warnings());
  }

  private static String login(String members) {
    return Manifests.of()
        .replace(
            "\"minDockerVersion\":\"v1.25\"",
            "\"registryCredentials\":{\"plant\":" + members.replace('\'', '"') + "}");
  }

  private static RegistryCredential credential(String members) {
    return accepted(login(members)).runtime().credentials().get(0);
  }

  @Test
  void aLoginIsOneForRepositories() {
    RegistryCredential basic =
        credential("{'address':'reg.example','username':'u','password':'hunter2'}");
    assertEquals("reg.example", basic.login().address());
    assertEquals(Optional.of("u"), basic.login().username());
    assertEquals("hunter2", basic.login().secret());
    RegistryCredential bearer = credential("{'address':'reg.example','token':'hunter2'}");
    assertEquals(Optional.empty(), bearer.login().username());
    assertEquals("hunter2", bearer.login().secret());
    assertFalse(bearer.toString().contains("hunter2"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'username':'u','password':'hunter2'}|.address: expected text that is not blank, found"
            + " nothing",
        "{'address':'r','password':'hunter2'}|.username: expected text that is not blank, found"
            + " nothing",
        "{'address':'r','username':'u'}|.password: expected text that is not blank, found nothing",
        "{'address':'r','username':'u','password':' '}|.password: expected text that is not blank,"
            + " found blank text",
        "{'address':'r','token':''}|.token: expected text that is not blank, found blank text",
        "{'address':'r','token':'hunter2','username':'u'}|.username: expected nothing beside a"
            + " token, found text",
        "{'address':'r','token':'hunter2','password':'x'}|.password: expected nothing beside a"
            + " token, found text",
      })
  void aLoginThatIsNoneIsNamedByPathAndNotQuoted(String members, String error) {
    refused(login(members), DESIRED + ".runtime.settings.registryCredentials.plant" + error);
  }
}
