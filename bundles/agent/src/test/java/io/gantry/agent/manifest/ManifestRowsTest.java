package io.gantry.agent.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.agent.Manifests;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rows of the schema of IoT Edge manifests that are seldom used: cut create options, pins,
 * signatures, nested devices, limits.
 */
class ManifestRowsTest {

  private static final String DESIRED = "modulesContent.$edgeAgent.properties.desired";
  private static final String SETTINGS = DESIRED + ".modules.a.settings";
  private static final String HEX = "0123456789abcdef".repeat(4);

  private static Deployment accepted(String text) {
    DeploymentSchema.assertTaken(text);
    return assertInstanceOf(Deployment.class, ManifestReader.read(text));
  }

  private static List<String> errors(String text) {
    Rejected rejected = assertInstanceOf(Rejected.class, ManifestReader.read(text));
    assertEquals(400, rejected.code());
    return rejected.errors();
  }

  private static void refused(String text, String error) {
    assertEquals(List.of(error), errors(text));
    DeploymentSchema.assertRefused(text, error);
  }

  private static String settings(String settings) {
    return Manifests.of(
        "\"a\":{\"type\":\"bundle\",\"status\":\"running\",\"settings\":{"
            + settings.replace('\'', '"')
            + "}}");
  }

  private static DeclaredModule module(String settings) {
    return accepted(settings(settings)).modules().get("a");
  }

  // createOptions

  @Test
  void createOptionsMayHaveAHundredPieces() {
    String value = "x".repeat(6000);
    String text = "{\\\"configuration\\\":{\\\"p\\\":{\\\"k\\\":\\\"" + value + "\\\"}}}";
    int cut = text.indexOf(value);
    List<String> pieces = new ArrayList<>();
    pieces.add("'createOptions':'" + text.substring(0, cut) + "'");
    for (int i = 1; i < 99; i++) {
      String key = String.format(Locale.ROOT, "createOptions%02d", i);
      pieces.add("'" + key + "':'" + value.substring((i - 1) * 60, i * 60) + "'");
    }
    pieces.add("'createOptions99':'" + text.substring(cut + 98 * 60) + "'");
    Collections.reverse(pieces);
    assertEquals(
        value, module("'image':'x'," + String.join(",", pieces)).configuration().get("p").get("k"));
  }

  /** IoT Edge stops reading there, so we do; but say so. */
  @ParameterizedTest
  @ValueSource(
      strings = {"createOptions02", "createOptions00", "createOptions7", "createOptions100"})
  void behindAGapNoPieceIsRead(String piece) {
    Deployment deployment =
        accepted(settings("'image':'x','createOptions':'{}','" + piece + "':'oops'"));
    assertEquals("{}", deployment.modules().get("a").createOptions());
    assertEquals(
        List.of(
            SETTINGS
                + "."
                + piece
                + ": is not read, pieces are joined from createOptions and createOptions01 on"
                + " without gap"),
        deployment.warnings());
  }

  @Test
  void aPieceThatIsLostLeavesNoJson() {
    List<String> errors = errors(settings("'image':'x','createOptions':'{','createOptions02':'}'"));
    assertEquals(
        List.of(
            SETTINGS
                + ".createOptions: expected text with a JSON object in it, found at its line 1,"
                + " column 2: the text ends in the middle"),
        errors);
  }

  // settings.digest

  @Test
  void aDigestPinsTheImageWhereverItStands() {
    Optional<String> pinned = Optional.of(HEX);
    assertEquals(Optional.empty(), module("'image':'x:1'").image().digest());
    assertEquals(pinned, module("'image':'x:1@sha256:" + HEX + "'").image().digest());
    assertEquals(pinned, module("'image':'x:1','digest':'sha256:" + HEX + "'").image().digest());
    assertEquals(
        pinned,
        module("'image':'r/x:1','digest':'sha256:" + HEX.toUpperCase(Locale.ROOT) + "'")
            .image()
            .digest());
    DeclaredModule both =
        module("'image':'r/x:1@sha256:" + HEX + "','digest':'sha256:" + HEX + "'");
    assertEquals("r/x:1@sha256:" + HEX, both.image().toString());
  }

  @Test
  void twoDigestsThatDifferAreAnError() {
    assertEquals(
        List.of(SETTINGS + ".digest: expected the digest that the image names, found another"),
        errors(
            settings("'image':'x@sha256:" + HEX + "','digest':'sha256:" + "0".repeat(64) + "'")));
  }

  // settings.image

  @ParameterizedTest
  @ValueSource(strings = {"$upstream:443/reader:1", "$upstream/reader", "$upstream"})
  void anImageOfTheParentIsRefusedWhereThereIsNone(String image) {
    refused(
        settings("'image':'" + image + "'"),
        SETTINGS
            + ".image: expected a repository, or none, found that of the parent, and this gateway"
            + " has no parent");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "reader||reader|",
        "reader:1.2.3.beta-1||reader|1.2.3.beta-1",
        "reader:[1.0, 2)||reader|[1.0, 2)",
        "reg.example:5000/plant/reader:1|reg.example:5000/plant|reader|1",
        "https://reg.example/plant/reader|https://reg.example/plant|reader|",
        "/opt/jars/reader|/opt/jars|reader|",
      })
  void anImageIsARepositoryANameAndAVersion(
      String text, String repository, String name, String version) {
    DeclaredModule module = module("'image':' " + text + " '");
    assertEquals(text, module.imageText());
    assertEquals(Optional.ofNullable(repository), module.image().repository());
    assertEquals(name, module.image().symbolicName());
    assertEquals(Optional.ofNullable(version), module.image().version());
  }

  @ParameterizedTest
  @ValueSource(strings = {"reader:", "reader:latest", "reader:[1,2", "a b", "r/", "x@sha256:00"})
  void whatIsNoImageIsRefusedByPath(String image) {
    String error = errors(settings("'image':'" + image + "'")).get(0);
    assertTrue(error.startsWith(SETTINGS + ".image: "), error);
    DeploymentSchema.assertRefused(settings("'image':'" + image + "'"), error);
  }

  // integrity

  private static final String SIGNATURE = "'signature':{'bytes':'c2ln','algorithm':'ES256'}";
  private static final String HEADER = "'header':{'signercert':['aa','bb']}";

  private static String signed(String integrity) {
    return Manifests.of()
        .replace("\"runtime\":", "\"integrity\":" + integrity.replace('\'', '"') + ",\"runtime\":");
  }

  @Test
  void aSignatureIsSaidNotToBeVerified() {
    String warning =
        ".integrity: is not verified, this runtime has no manifest trust bundle to verify a"
            + " signature with";
    String integrity = "{" + HEADER + "," + SIGNATURE + "}";
    assertEquals(List.of(DESIRED + warning), accepted(signed(integrity)).warnings());
    assertEquals(List.of(), accepted(signed("null")).warnings());
    String ofHub =
        Manifests.with(
            Manifests.HUB.replace(
                "{\"schemaVersion\"",
                "{\"integrity\":" + integrity.replace('\'', '"') + ",\"schemaVersion\""));
    assertEquals(
        List.of("modulesContent.$edgeHub.properties.desired" + warning),
        accepted(ofHub).warnings());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "5|: expected an object, found a number",
        "{" + SIGNATURE + "}|.header: expected an object, found nothing",
        "{" + HEADER + "}|.signature: expected an object, found nothing",
        "{'header':{},"
            + SIGNATURE
            + "}|.header.signercert: expected a list of texts, found"
            + " nothing",
        "{'header':{'signercert':'x'},"
            + SIGNATURE
            + "}|.header.signercert: expected a list of"
            + " texts, found text",
        "{'header':{'signercert':['x',1]},"
            + SIGNATURE
            + "}|.header.signercert[1]: expected text,"
            + " found a number",
        "{'header':{'signercert':['x'],'intermediatecacert':{}},"
            + SIGNATURE
            + "}|.header.intermediatecacert: expected a list of texts, found an object",
        "{"
            + HEADER
            + ",'signature':{'algorithm':'ES256'}}|.signature.bytes: expected text that is"
            + " not blank, found nothing",
        "{"
            + HEADER
            + ",'signature':{'bytes':'x','algorithm':' '}}|.signature.algorithm: expected"
            + " text that is not blank, found blank text",
      })
  void aSignatureOfAnotherFormIsRefusedByPath(String integrity, String error) {
    refused(signed(integrity), DESIRED + ".integrity" + error);
  }

  // what the service adds, and what nobody knows

  @Test
  void whatTheServiceAddsIsIgnored() {
    String plain = Manifests.of(Manifests.module("a", "1.0"));
    String added =
        Manifests.of(
                Manifests.module("a", "1.0", "\"configuration\":{\"id\":\"layer-7\"}", "\"x\":[1]"))
            .replace(
                "\"schemaVersion\":\"1.1\",\"runtime\"",
                "\"$version\":12,\"more\":{\"x\":1}," + "\"schemaVersion\":\"1.1\",\"runtime\"");
    assertEquals(accepted(plain), accepted(added));
  }

  // limits of a cloud

  @Test
  void aManifestThatIsTooLongForACloudIsWarnedOf() {
    String[] many =
        IntStream.range(0, 50)
            .mapToObj(
                i ->
                    Manifests.module(
                        "m" + i, "1.0", "\"env\":{\"A\":{\"value\":\"" + "x".repeat(600) + "\"}}"))
            .toArray(String[]::new);
    List<String> warnings = accepted(Manifests.of(many)).warnings();
    assertEquals(1, warnings.size(), warnings.toString());
    assertTrue(
        warnings
            .get(0)
            .matches(
                "\\Q"
                    + DESIRED
                    + "\\E: an IoT Hub would refuse it, \\d+ bytes are more than the"
                    + " 32768 of a twin's section"),
        warnings.get(0));
  }

  @Test
  void aValueThatIsTooLongForACloudIsWarnedOf() {
    String env = "\"env\":{\"A\":{\"value\":\"%s\"}}";
    String path = DESIRED + ".modules.a.env.A.value";
    assertEquals(
        List.of(
            path
                + ": an IoT Hub would refuse it, a text of 4097 bytes is longer than the 4096 of a"
                + " twin's value"),
        accepted(Manifests.of(Manifests.module("a", "1", String.format(env, "x".repeat(4097)))))
            .warnings());
    assertEquals(
        List.of(),
        accepted(Manifests.of(Manifests.module("a", "1", String.format(env, "x".repeat(4096)))))
            .warnings());
    String hub = Manifests.HUB.replace("FROM /messages/*", "FROM /messages/*" + " ".repeat(4096));
    String warning = accepted(Manifests.with(hub)).warnings().get(0);
    assertTrue(
        warning.startsWith("modulesContent.$edgeHub.properties.desired.routes.up: an IoT Hub"),
        warning);
  }

  @ParameterizedTest
  @CsvSource({"50,0", "51,1"})
  void moreModulesThanACloudTakesAreWarnedOf(int modules, int warnings) {
    String[] many =
        IntStream.range(0, modules)
            .mapToObj(i -> Manifests.module("m" + i, "1.0"))
            .toArray(String[]::new);
    assertEquals(warnings, accepted(Manifests.of(many)).warnings().size());
  }

  // envelope

  @Test
  void theWholeMayBeWrittenInLayersOnly() {
    String agent = Manifests.agent("1.1", Manifests.module("a", "1.0"));
    String layers =
        agent
            .substring(1, agent.length() - 1)
            .replace("\"schemaVersion\"", "\"properties.desired.schemaVersion\"")
            .replace("\"runtime\"", "\"properties.desired.runtime\"")
            .replace("\"systemModules\"", "\"properties.desired.systemModules\"")
            .replace("\"modules\"", "\"properties.desired.modules\"");
    String text =
        "{\"modulesContent\":{\"$edgeAgent\":{"
            + layers
            + "},\"$edgeHub\":{\"properties.desired\":"
            + Manifests.HUB
            + "}}}";
    assertEquals(accepted(Manifests.of(Manifests.module("a", "1.0"))), accepted(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'modulesContent':5}|modulesContent: expected an object, found a number",
        "{'modulesContent':{'$edgeAgent':5,'$edgeHub':{}}}|modulesContent.$edgeAgent: expected an"
            + " object, found a number",
        "{'modulesContent':{'$edgeAgent':{'properties.desired':'x'},'$edgeHub':{}}}|"
            + "modulesContent.$edgeAgent.properties.desired: expected an object, found text",
        "{'modulesContent':{'$edgeAgent':{'properties.desired':{'schemaVersion':'1.1'}},"
            + "'$edgeHub':{'properties.desired':null}}}|modulesContent.$edgeHub.properties.desired:"
            + " expected an object, found null",
      })
  void whatIsNoTwinIsRefusedByPath(String text, String error) {
    List<String> errors = errors(text.replace('\'', '"'));
    assertTrue(errors.contains(error), errors.toString());
    DeploymentSchema.assertRefused(text.replace('\'', '"'), error);
  }

  // names

  @ParameterizedTest
  @ValueSource(strings = {"Reader-1", "a:b", "a+b%_*?!(),=@;'", "edgeAgent2"})
  void whateverATwinMayBeCalledIsAModuleName(String name) {
    accepted(Manifests.of(Manifests.member(name, "x", "running")));
  }

  @Test
  void aModuleNameHasAtMost128Characters() {
    accepted(Manifests.of(Manifests.member("a".repeat(128), "x", "running")));
    String tooLong = Manifests.of(Manifests.member("a".repeat(129), "x", "running"));
    assertEquals(
        List.of(
            DESIRED
                + ".modules."
                + "a".repeat(60)
                + "…: module name: expected 1 to 128 characters, found 129"),
        errors(tooLong));
    assertTrue(!DeploymentSchema.errors(tooLong).isEmpty());
  }
}
