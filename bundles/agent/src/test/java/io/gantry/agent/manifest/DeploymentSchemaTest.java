package io.gantry.agent.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.gantry.agent.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The JSON Schema, held against the reader by a validator that others maintain. More of the same is
 * in the tests of the reader, which ask the schema about each manifest of theirs.
 */
class DeploymentSchemaTest {

  private static final Pattern BLOCK = Pattern.compile("```json\\n(.*?)```", Pattern.DOTALL);

  @Test
  void itIsASchemaItself() {
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    assertEquals(
        List.of(),
        registry
            .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"))
            .validate(DeploymentSchema.text(), InputFormat.JSON));
  }

  /** The distribution's own, and those that people copy out of the documentation. */
  static Stream<String> manifestsOfTheRepository() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("runtime.bndrun"))) {
      root = root.getParent();
    }
    Stream.Builder<String> manifests = Stream.builder();
    manifests.add(Files.readString(root.resolve("distribution/conf/deployment.json")));
    for (String page : List.of("README.md", "cnf/docs/manifest.md")) {
      Matcher block = BLOCK.matcher(Files.readString(root.resolve(page)));
      while (block.find()) {
        if (block.group(1).contains("$edgeAgent")) {
          manifests.add(block.group(1));
        }
      }
    }
    return manifests.build();
  }

  @ParameterizedTest
  @MethodSource("manifestsOfTheRepository")
  void theManifestsOfThisRepositoryAreTakenByBoth(String manifest) {
    DeploymentSchema.assertTaken(manifest);
    Deployment deployment = assertInstanceOf(Deployment.class, ManifestReader.read(manifest));
    assertFalse(deployment.modules().isEmpty());
  }

  @Test
  void theDocumentationShowsManifests() throws IOException {
    assertTrue(manifestsOfTheRepository().count() >= 3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "  ", "{}", "[]", "{\"modulesContent\":{}}", "{\"modulesContent\":5}"})
  void whatDeclaresNothingIsRefusedByBoth(String manifest) {
    assertInstanceOf(Rejected.class, ManifestReader.read(manifest));
    assertFalse(DeploymentSchema.errors(manifest.isBlank() ? "null" : manifest).isEmpty());
  }

  /** Of the hub's half the hub knows more; this much is in the schema. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'schemaVersion':'1.0'}|true",
        "{'schemaVersion':'1.1','routes':{},'storeAndForwardConfiguration':{'timeToLiveSecs':0}}|true",
        "{'schemaVersion':'1.3.0','routes':{'r':{'route':'FROM /* INTO $upstream','priority':9,"
            + "'timeToLiveSecs':5,'durability':'memory'}},'assumeJson':true,"
            + "'storeAndForwardConfiguration':{'timeToLiveSecs':-1}}|true",
        "{}|false",
        "{'schemaVersion':'1.1','storeAndForwardConfiguration':{'timeToLiveSecs':0}}|false",
        "{'schemaVersion':'1.1','routes':{},'storeAndForwardConfiguration':{}}|false",
        "{'schemaVersion':'1.4'}|false",
        "{'schemaVersion':'1.0','routes':{'a b':'FROM /* INTO $upstream'}}|false",
        "{'schemaVersion':'1.0','routes':{'a':5}}|false",
        "{'schemaVersion':'1.0','routes':{'a':{'priority':1}}}|false",
        "{'schemaVersion':'1.0','routes':{'a':{'route':'x','priority':10}}}|false",
        "{'schemaVersion':'1.0','routes':{'a':{'route':'x','durability':'tape'}}}|false",
        "{'schemaVersion':'1.0','assumeJson':'yes'}|false",
        "{'schemaVersion':'1.0','storeAndForwardConfiguration':{'timeToLiveSecs':-2}}|false",
      })
  void theHubsHalfIsDescribedToo(String hub, boolean isGood) {
    List<String> errors = DeploymentSchema.errors(Manifests.with(hub.replace('\'', '"')));
    assertEquals(isGood, errors.isEmpty(), errors.toString());
  }

  /** What only the reader knows; the schema says so in its description. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"settings\":{\"image\":\"x\",\"createOptions\":\"{\"}",
        "\"settings\":{\"image\":\"x\",\"createOptions\":\"{\\\"exclusive\\\":1}\"}",
        "\"settings\":{\"image\":\"x\",\"Image\":\"y\"}"
      })
  void someErrorsAreFoundByTheReaderOnly(String settings) {
    String manifest =
        Manifests.of("\"a\":{\"type\":\"bundle\",\"status\":\"running\"," + settings + "}");
    assertInstanceOf(Rejected.class, ManifestReader.read(manifest));
    DeploymentSchema.assertTaken(manifest);
  }

  @Test
  void anEditorWantsNamesAndWordsAsTheyAreDocumented() {
    String manifest =
        Manifests.of(Manifests.module("a", "1.0", "\"RestartPolicy\":\"Always\""))
            .replace("\"status\"", "\"Status\"");
    assertInstanceOf(Deployment.class, ManifestReader.read(manifest));
    assertFalse(DeploymentSchema.errors(manifest).isEmpty());
  }

  @Test
  void aManifestMayNameTheSchemaForItsEditor() {
    String whole = Manifests.of(Manifests.module("a", "1.0"));
    String pair =
        "{\"$edgeAgent\":" + Manifests.agent("1.1") + ",\"$edgeHub\":" + Manifests.HUB + "}";
    for (String manifest : List.of(whole, pair)) {
      String named = "{\"$schema\":\"deployment.schema.json\"," + manifest.substring(1);
      Deployment deployment = assertInstanceOf(Deployment.class, ManifestReader.read(named));
      assertEquals(List.of(), deployment.warnings());
      DeploymentSchema.assertTaken(named);
    }
  }
}
