package io.gantry.agent.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** The JSON Schema of manifests as an editor uses it. */
final class DeploymentSchema {

  private static final String FILE = "deployment.schema.json";

  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(text());

  private DeploymentSchema() {}

  static String text() {
    try (InputStream file = ManifestReader.class.getResourceAsStream(FILE)) {
      return new String(Optional.ofNullable(file).orElseThrow().readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it finds wrong, each as path and sentence. */
  static List<String> errors(String manifest) {
    return SCHEMA.validate(manifest, InputFormat.JSON).stream()
        .map(error -> path(error.getInstanceLocation().toString()) + ": " + error.getMessage())
        .distinct()
        .toList();
  }

  private static String path(String pointer) {
    String path = pointer.replace("~1", "/").replace("~0", "~").replace('/', '.');
    return (path.startsWith(".") ? path.substring(1) : path)
        .replaceAll("\\.(\\d+)(?=\\.|$)", "[$1]");
  }

  static void assertTaken(String manifest) {
    assertEquals(List.of(), errors(manifest), manifest);
  }

  /**
   * It finds an error where the reader finds this one, which begins with its path; what is wrong
   * with a name or missing is told of the object that has it or should have it.
   */
  static void assertRefused(String manifest, String error) {
    String path = error.substring(0, error.indexOf(": "));
    List<String> found = errors(manifest);
    assertTrue(
        found.stream().anyMatch(text -> isAt(path, text)),
        () -> "expected an error at " + path + ", found " + found);
  }

  private static boolean isAt(String path, String text) {
    String place = text.substring(0, text.indexOf(": "));
    String holder = place.isEmpty() ? "" : place + ".";
    return place.equals(path)
        || place.startsWith(path + "[")
        || path.startsWith(holder) && text.contains("'" + path.substring(holder.length()) + "'");
  }
}
