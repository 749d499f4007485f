package io.gantry.itest.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.gantry.testkit.module.TestBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What an operator reads when a deployment is wrong. Each test also asserts that the modules which
 * ran before have not even been restarted.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadManifestIT {

  private static final String ZEROS = "0".repeat(64);

  private Distribution distribution;
  private Path repository;
  private Path manifest;
  private JsonObject before;

  @BeforeAll
  void start(@TempDir Path temp) {
    distribution = Distribution.in(temp.resolve("gantry"));
    repository = distribution.folder().repository();
    manifest = temp.resolve("manifest.json");
    distribution.start();
  }

  @AfterAll
  void stop() {
    distribution.close();
  }

  @BeforeEach
  void remember() {
    before = distribution.status();
    assertEquals(2, running(before).size(), before::toString);
  }

  @AfterEach
  void theModulesThatRanRunOn() {
    JsonObject now = distribution.status();
    assertEquals(running(before), running(now), "since when they have been running");
  }

  /** Since when each module has been running. */
  private static Map<String, String> running(JsonObject status) {
    Map<String, String> since = new TreeMap<>();
    for (JsonElement element : status.getAsJsonArray("modules")) {
      JsonObject module = element.getAsJsonObject();
      if (module.get("status").getAsString().equals("running")) {
        since.put(module.get("name").getAsString(), module.get("since").getAsString());
      }
    }
    return since;
  }

  private Distribution.Result deploy(String text) throws IOException {
    Files.writeString(manifest, text);
    return distribution.cli("deploy", manifest.toString());
  }

  private void assertRefused(String text, int code, String... errors) throws IOException {
    long version = inForce(before);
    JsonArray routes = before.getAsJsonArray("routes");
    Distribution.Result result = deploy(text);
    StringBuilder expected = new StringBuilder("refused (" + code + "): nothing was changed");
    expected.append(", deployment ").append(version).append(" stays in force");
    for (String error : errors) {
      expected.append("\nerror: ").append(error);
    }
    assertEquals(new Distribution.Result(1, "", expected.toString()), result);
    JsonObject now = distribution.status();
    assertEquals(version, inForce(now));
    assertEquals(routes, now.getAsJsonArray("routes"));
  }

  private static long inForce(JsonObject status) {
    return status
        .getAsJsonObject("deployments")
        .getAsJsonObject("inForce")
        .get("number")
        .getAsLong();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\\n  \"modulesContent\": {\\n    \"$edgeAgent\": oops\\n| 3 | 19 | not valid JSON",
        "{\\n  \"modulesContent\": {| 2 | 22 | the text ends in the middle",
        "{\\n  \"modulesContent\": {},\\n  \"modulesContent\": {}\\n}"
            + "| 3 | 19 | the name 'modulesContent' is given twice"
      })
  void jsonThatIsNoneIsToldWithItsLineAndColumn(String text, int line, int column, String what)
      throws IOException {
    String place = "line " + line + ", column " + column;
    assertRefused(text.replace("\\n", "\n"), 400, "manifest, " + place + ": " + what);
  }

  @Test
  void whatIsMissingIsToldWithItsPath() throws IOException {
    assertRefused(
        "{\"modulesContent\": {\"$edgeHub\": {}}}",
        400,
        "modulesContent.$edgeAgent: expected an object, found nothing");
    assertRefused("", 417, "manifest: expected a deployment manifest, found no configuration");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "FROM /messages/* WHERE temperature >> 3 INTO $upstream"
            + "| 37 | expected a property or a value, found '>'",
        "FROM /messages/* WHERE (a = 1 INTO $upstream| 31 | expected an operator or ')', found"
            + " 'INTO'",
        "FROM /messages/* INTO"
            + "| 22 | expected $upstream,"
            + " BrokeredEndpoint(\"/modules/{module}/inputs/{input}\") or Topic(\"{topic}\"), found"
            + " the end",
        "FROM /messages/* INTO BrokeredEndpoint(\"/modules/filter\")"
            + "| 40 | expected the text \"/modules/{module}/inputs/{input}\", found"
            + " '/modules/filter'",
        "FROM /nothing/* INTO $upstream"
            + "| 6 | expected a source (/*, /messages/*, /messages/modules/*,"
            + " /messages/modules/{module}/*, /messages/modules/{module}/outputs/{output},"
            + " /twinChangeNotifications, /topics/{MQTT filter}), found '/nothing/*'",
        "``| 1 | expected FROM, found the end"
      })
  void aRouteThatIsNoneIsToldWithItsColumn(String route, int column, String what)
      throws IOException {
    assertRefused(
        SampleManifest.unchanged().route("bad", route).text(),
        400,
        "$edgeHub.routes: route 'bad', column " + column + ": " + what);
  }

  @Test
  void allBadRoutesAreToldAtOnce() throws IOException {
    assertRefused(
        SampleManifest.unchanged().route("one", "FROM").route("two", "TO").text(),
        400,
        "$edgeHub.routes: route 'one', column 5: expected a source (/*, /messages/*,"
            + " /messages/modules/*, /messages/modules/{module}/*,"
            + " /messages/modules/{module}/outputs/{output}, /twinChangeNotifications,"
            + " /topics/{MQTT filter}), found the end",
        "$edgeHub.routes: route 'two', column 1: expected FROM, found 'TO'");
  }

  @Test
  void anImageThatCannotBeOneIsRefused() throws IOException {
    String image = "io.gantry.sample.filter@sha256:00";
    assertRefused(
        SampleManifest.unchanged().module("filter", image).text(),
        400,
        "modulesContent.$edgeAgent.properties.desired.modules.filter.settings.image: image '"
            + image
            + "': expected @sha256: and 64 hex digits, found '@sha256:00'");
  }

  /** What it needs cannot be had: nothing was touched, and the one before stays. */
  private void assertUnmet(SampleManifest with, String error) throws IOException {
    Distribution.Result result = deploy(with.text());
    assertEquals(1, result.exitCode(), result.out());
    assertEquals("", result.out());
    assertTrue(
        result
            .err()
            .endsWith(
                " could not be made (424): nothing was changed, deployment "
                    + inForce(before)
                    + " stays in force\nerror: "
                    + error),
        result.err());
    assertEquals(inForce(before), inForce(distribution.status()));

    // The next one is not in its way.
    Distribution.Result next = deploy(SampleManifest.unchanged().text());
    assertEquals(0, next.exitCode(), next.err());
    assertTrue(next.out().endsWith(" is in force"), next.out());
    assertFalse(distribution.cli("list").out().contains("failed"));
  }

  private Path index() {
    return repository.resolve("index.xml");
  }

  @Test
  void anImageThatNobodyHasIsToldWithWhereItWasLookedFor() throws IOException {
    assertUnmet(
        SampleManifest.unchanged().module("pump", "com.acme.pump"),
        "module pump: preparation failed: bundle com.acme.pump is not in " + index());
  }

  @Test
  void aVersionThatNobodyHasIsToldWithThoseThatAreThere() throws IOException {
    assertUnmet(
        SampleManifest.unchanged().module("second", "io.gantry.sample.filter:[3,4)"),
        "module second: preparation failed: bundle io.gantry.sample.filter in"
            + " version [3,4) is not in "
            + index()
            + "; there is 0.1.0.SNAPSHOT");
  }

  /** As in a manifest that was written for the cloud: it is not waited for. */
  @Test
  void theImageOfAContainerIsRefusedWithWhatAModuleIs() throws IOException {
    assertUnmet(
        SampleManifest.unchanged().module("pump", "mcr.microsoft.com/sensor:1.4"),
        "module pump: preparation failed: bundle sensor in version 1.4 is not in mcr.microsoft.com;"
            + " repository mcr.microsoft.com could not be read: it is no address of a repository:"
            + " expected http(s)://..., file:... or an absolute path (a module is an OSGi bundle;"
            + " images of containers cannot run here)");
  }

  /** The component that handles the input is made when it is asked for, and throws. */
  @Test
  void aModuleWhoseHandlerCannotBeMadeIsDroppedAndTheOneBeforeGoesOn() throws IOException {
    Distribution.Result result =
        deploy(SampleManifest.unchanged().env("filter", "TemperatureThreshold", "warm").text());
    assertEquals(1, result.exitCode(), result.out());
    assertTrue(
        result
            .err()
            .contains("could not be activated: java.lang.NumberFormatException: For input string"),
        result.err());
    assertTrue(result.err().endsWith("; version 0.1.0.SNAPSHOT goes on"), result.err());
    assertEquals(running(before), running(distribution.status()));
    assertEquals(0, deploy(SampleManifest.unchanged().text()).exitCode());
  }

  @Test
  void aPinnedDigestThatIsAnotherKeepsTheModuleAsItIs() throws IOException {
    Files.writeString(
        manifest,
        SampleManifest.unchanged()
            .module("filter", "io.gantry.sample.filter@sha256:" + ZEROS)
            .text());
    Distribution.Result result = distribution.cli("deploy", manifest.toString());
    assertEquals(1, result.exitCode(), result.out());
    assertTrue(
        result.err().contains("expects the digest sha256:" + ZEROS + ", found "), result.err());
    assertTrue(result.err().endsWith("; nothing was installed"), result.err());
    assertEquals(running(before), running(distribution.status()));
    assertEquals(0, deploy(SampleManifest.unchanged().text()).exitCode());
    assertFalse(distribution.cli("list").out().contains("digest"));
  }

  /** The chain matters: who asks may be a bundle that the operator has never heard of. */
  @Test
  void aRequirementThatNobodyMeetsIsToldWithWhoAsksForIt(@TempDir Path acme) throws IOException {
    TestBundle.of("com.acme.pump", "1.0.0")
        .header("Import-Package", "com.acme.valve;version=\"[2,3)\"")
        .writeTo(acme);
    TestBundle.of("com.acme.valve", "2.1.0")
        .header("Export-Package", "com.acme.valve;version=\"2.1.0\"")
        .header("Import-Package", "com.acme.steel;version=\"[5,6)\"")
        .entry("com/acme/valve/readme", "")
        .writeTo(acme);
    assertUnmet(
        SampleManifest.unchanged().module("pump", acme + "/com.acme.pump"),
        "module pump: preparation failed: module pump (com.acme.pump 1.0.0) cannot be resolved: it"
            + " needs com.acme.valve 2.1.0 (for package com.acme.valve [2.0.0,3.0.0)), which needs"
            + " package com.acme.steel [5.0.0,6.0.0), which is neither in the runtime nor in "
            + acme
            + ", "
            + index()
            + "; no other version of it is there either");
  }

  @Test
  void aCapabilityThatNobodyHasIsToldTheSameWay(@TempDir Path acme) throws IOException {
    TestBundle.of("com.acme.laser", "1.0.0")
        .header("Require-Capability", "com.acme.light;filter:=\"(colour=red)\"")
        .writeTo(acme);
    assertUnmet(
        SampleManifest.unchanged().module("laser", acme + "/com.acme.laser"),
        "module laser: preparation failed: module laser (com.acme.laser 1.0.0) cannot be resolved:"
            + " it needs com.acme.light (colour=red), which is neither in the runtime nor in "
            + acme
            + ", "
            + index()
            + "; no other version of it is there either");
  }

  @Test
  void aJarThatIsNotWhatItsIndexSaysIsNotInstalled(@TempDir Path acme) throws IOException {
    Path jar = TestBundle.of("com.acme.forged", "1.0.0").writeTo(acme);
    Files.writeString(
        acme.resolve("index.xml"),
        """
        <repository xmlns="http://www.osgi.org/xmlns/repository/v1.0.0">
          <resource>
            <capability namespace="osgi.identity">
              <attribute name="osgi.identity" value="com.acme.forged"/>
              <attribute name="type" value="osgi.bundle"/>
              <attribute name="version" value="1.0.0" type="Version"/>
            </capability>
            <capability namespace="osgi.content">
              <attribute name="url" value="%s"/>
              <attribute name="osgi.content" value="%s"/>
            </capability>
          </resource>
        </repository>
        """
            .formatted(jar.getFileName(), ZEROS));
    Files.writeString(
        manifest, SampleManifest.unchanged().module("forged", acme + "/com.acme.forged").text());
    Distribution.Result result = distribution.cli("deploy", manifest.toString());
    assertEquals(1, result.exitCode(), result.out());
    assertTrue(
        result
            .err()
            .contains(
                "module forged: preparation failed: com.acme.forged 1.0.0 from file:"
                    + jar
                    + " has a wrong digest: expected sha256:"
                    + ZEROS
                    + ", found sha256:"),
        result.err());
    assertTrue(result.err().endsWith("; nothing was installed"), result.err());
    assertEquals(0, deploy(SampleManifest.unchanged().text()).exitCode());
  }

  @Test
  void aFileThatIsNotThereIsNamed(@TempDir Path empty) {
    Path nowhere = empty.resolve("nowhere.json");
    assertEquals(
        new Distribution.Result(
            1, "", "gantry: cannot read the manifest: there is no file " + nowhere),
        distribution.cli("deploy", nowhere.toString()));
    assertEquals(
        new Distribution.Result(
            1, "", "gantry: cannot read the manifest " + empty + ": Is a directory"),
        distribution.cli("deploy", empty.toString()));
  }
}
