package io.gantry.console.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.console.status.FakeGateway.FakeAgent;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.testkit.identity.FakeIdentities;
import io.gantry.testkit.security.FakeCertificates;
import io.gantry.testkit.time.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class StatusTest {

  private final FakeGateway gateway = new FakeGateway();
  private final ManualTime time = new ManualTime();
  private final ProcessFacts process =
      new ProcessFacts("0.1.0", time, time.instant().minusSeconds(75));

  private static ModuleReport module(String name, Instant since, Optional<String> error) {
    return new ModuleReport(
        name,
        "running",
        Optional.of("1.2.3"),
        Optional.of(since),
        2,
        error,
        "image." + name,
        "running");
  }

  private JsonObject json() {
    return JsonParser.parseString(StatusJson.status(gateway, process, Map.of("management", "m")))
        .getAsJsonObject();
  }

  private String text() {
    return StatusText.status(gateway, process, Map.of("management", "m"));
  }

  @Test
  void aRuntimeWithoutAnyServiceIsShownAsThat() {
    JsonObject json = json();
    assertFalse(json.get("ready").getAsBoolean());
    assertEquals(13, json.getAsJsonArray("missing").size());
    assertTrue(json.get("agent").isJsonNull());
    assertTrue(json.get("store").isJsonNull());
    assertEquals(75, json.getAsJsonObject("gantry").get("uptimeSeconds").getAsLong());
    assertTrue(text().contains("missing agent\n"), text());
    assertTrue(text().contains("missing identity registry\n"), text());
    assertTrue(text().contains("not ready, up 1 min 15 s, pid "), text());
  }

  @Test
  void itIsReadyWhenItListensAndTheFirstDeploymentWasCarriedOut() {
    FakeAgent agent = new FakeAgent();
    gateway.deployments = Optional.of(agent);
    gateway.listeners.add(
        FakeGateway.listener("mqtt", Optional.of("mqtt://127.0.0.1:1"), Optional.empty()));
    assertTrue(Readiness.of(gateway, time.instant()).ready());
    agent.reported = "{\"lastDesiredStatus\":{\"code\":406}}";
    assertEquals(
        List.of("agent: the deployment is being carried out"),
        Readiness.of(gateway, time.instant()).waiting());
    agent.reported = "{\"lastDesiredStatus\":{\"code\":500}}";
    assertTrue(
        Readiness.of(gateway, time.instant()).ready(), "a step that failed is not waited for");
  }

  /** A deployment without modules is carried out sooner than the last door is there. */
  @Test
  void itIsNotReadyWhileBundlesOfTheRuntimeAreBeingStarted() {
    gateway.deployments = Optional.of(new FakeAgent());
    gateway.listeners.add(
        FakeGateway.listener("mqtt", Optional.of("mqtt://127.0.0.1:1"), Optional.empty()));
    gateway.starting = true;
    assertEquals(
        List.of("framework: bundles of the runtime are being started"),
        Readiness.of(gateway, time.instant()).waiting());
    gateway.starting = false;
    assertTrue(Readiness.of(gateway, time.instant()).ready());
  }

  @Test
  void whatCouldNotBePutTogetherIsAProblem() {
    gateway.deployments = Optional.of(new FakeAgent());
    gateway.failures.add("the configuration io.gantry.store cannot be used: maxBytes");
    assertEquals(gateway.failures, Readiness.of(gateway, time.instant()).problems());
    assertFalse(Readiness.of(gateway, time.instant()).ready());
  }

  @Test
  void aListenerThatCannotListenIsAProblemAndOneThatDoesNotYetIsWaitedFor() {
    gateway.deployments = Optional.of(new FakeAgent());
    gateway.listeners.add(
        FakeGateway.listener("mqtt", Optional.empty(), Optional.of("port 1883 is in use")));
    gateway.listeners.add(FakeGateway.listener("amqp", Optional.empty(), Optional.empty()));
    Readiness readiness = Readiness.of(gateway, time.instant());
    assertEquals(List.of("mqtt: port 1883 is in use"), readiness.problems());
    assertEquals(List.of("amqp: does not listen yet"), readiness.waiting());
    assertEquals(
        "starting\nwaiting amqp: does not listen yet\nproblem mqtt: port 1883 is in use\n",
        StatusText.readiness(readiness));
  }

  /** Port 443 is not everybody's to bind; devices on 8883 have to be served all the same. */
  @Test
  void aListenerThatIsNotRequiredIsAWarningOnly() {
    gateway.deployments = Optional.of(new FakeAgent());
    gateway.listeners.add(
        FakeGateway.listener("mqtt", Optional.of("mqtt://127.0.0.1:1"), Optional.empty()));
    gateway.listeners.add(FakeGateway.optional("https", "Permission denied"));
    Readiness readiness = Readiness.of(gateway, time.instant());
    assertTrue(readiness.ready());
    assertEquals(List.of("https: Permission denied"), readiness.warnings());
    assertEquals(
        "ready\nendpoint mqtt mqtt://127.0.0.1:1\nwarning https: Permission denied\n",
        StatusText.readiness(readiness));
  }

  /** The gateway works without its web page, and has to. */
  @Test
  void aWebConsoleThatCannotListenIsAWarningOnly() {
    gateway.deployments = Optional.of(new FakeAgent());
    gateway.listeners.add(
        FakeGateway.listener("mqtt", Optional.of("mqtt://127.0.0.1:1"), Optional.empty()));
    gateway.web = new Gateway.WebAddress(Optional.empty(), Optional.of("port 8080 is in use"));
    Readiness readiness = Readiness.of(gateway, time.instant());
    assertTrue(readiness.ready());
    assertEquals(List.of("console: port 8080 is in use"), readiness.warnings());
    assertEquals(
        "console: port 8080 is in use", json().getAsJsonArray("problems").get(0).getAsString());
  }

  @Test
  void modulesAreATableWithTheTimeSinceTheirLastChange() {
    FakeAgent agent = new FakeAgent();
    agent.modules =
        List.of(
            module("filter", time.instant().minus(Duration.ofHours(26)), Optional.empty()),
            module("s", time.instant().minusSeconds(3), Optional.of("no\njar")));
    gateway.deployments = Optional.of(agent);
    assertEquals(
        """
        NAME    STATUS   VERSION  SINCE        RESTARTS  DESCRIPTION  LAST ERROR
        filter  running  1.2.3    1 d 2 h ago  2         -            -
        s       running  1.2.3    3 s ago      2         -            no\\njar
        """,
        StatusText.modules(gateway, time.instant()));
    assertTrue(
        json().getAsJsonArray("modules").get(0).getAsJsonObject().get("lastError").isJsonNull());
    assertEquals(
        List.of("module s: running: no\njar"), Readiness.of(gateway, time.instant()).warnings());
  }

  @Test
  void routesAndQueuesAreShown() {
    gateway.routes = Optional.of(new FakeRoutes());
    assertTrue(text().contains("  up    FROM /* INTO $upstream\n"), text());
    assertTrue(text().contains("  $upstream  idle   4        2048   9          -\n"), text());
    JsonObject queue = json().getAsJsonArray("queues").get(0).getAsJsonObject();
    assertEquals(4, queue.get("pending").getAsLong());
    assertEquals(2_048, queue.get("pendingBytes").getAsLong());
  }

  @Test
  void theAgentsReportIsPartOfTheStatusAsItIs() {
    gateway.deployments = Optional.of(new FakeAgent());
    assertEquals(
        200,
        json()
            .getAsJsonObject("agent")
            .getAsJsonObject("lastDesiredStatus")
            .get("code")
            .getAsInt());
  }

  @Test
  void identitiesAreCountedAndTheCertificateIsNamedWithItsEnd() {
    assertTrue(json().get("identities").isJsonNull());
    assertTrue(json().get("certificate").isJsonNull());
    FakeIdentities identities = new FakeIdentities();
    identities.create(new DeviceIdentity("a"), Optional.empty());
    identities.create(new DeviceIdentity("b"), Optional.empty());
    identities.setEnabled(new DeviceIdentity("b"), false);
    gateway.identities = Optional.of(identities);
    gateway.certificates = Optional.of(new FakeCertificates());
    assertEquals(1, json().getAsJsonObject("identities").get("enabled").getAsInt());
    assertEquals(1, json().getAsJsonObject("identities").get("disabled").getAsInt());
    String end = json().getAsJsonObject("certificate").get("notAfter").getAsString();
    assertTrue(Instant.parse(end).isAfter(time.instant()), end);
    assertTrue(text().contains("\nIdentities   1 enabled, 1 disabled\n"), text());
    assertTrue(text().contains("\nCertificate  localhost, good until " + end + "\n"), text());
    assertFalse(text().contains("warning certificate"), text());
  }

  /** In time to do something about it; the gateway works meanwhile. */
  @Test
  void aCertificateThatEndsInLessThanTwoWeeksIsAWarning() {
    FakeCertificates certificates = new FakeCertificates();
    gateway.certificates = Optional.of(certificates);
    String server = certificates.chain().get(0).getSubjectX500Principal().getName();
    Instant end = certificates.chain().get(0).getNotAfter().toInstant();
    time.set(end.minus(Duration.ofDays(14)));
    assertEquals(Optional.empty(), warning(server));
    time.set(end.minus(Duration.ofDays(14)).plusSeconds(1));
    String soon =
        "certificate: " + server + " ends in 13 d 23 h, at " + end + ": gantry certificate renew";
    assertEquals(Optional.of(soon), warning(server));
    assertTrue(text().contains("\nwarning " + soon + "\n"), text());
    assertTrue(json().getAsJsonArray("problems").toString().contains(soon));
    time.set(end.plusSeconds(1));
    assertEquals(
        Optional.of(
            "certificate: "
                + server
                + " ended at "
                + end
                + ", clients refuse it: gantry certificate renew"),
        warning(server));
  }

  private Optional<String> warning(String subject) {
    return Readiness.of(gateway, time.instant()).warnings().stream()
        .filter(text -> text.startsWith("certificate: " + subject + " "))
        .findFirst();
  }

  @Test
  void residentMemoryIsReadFromWhatLinuxTells() {
    assertEquals(
        OptionalLong.of(2048), ProcessFacts.resident(List.of("VmPeak: 9 kB", "VmRSS:\t  2 kB")));
    assertEquals(OptionalLong.empty(), ProcessFacts.resident(List.of("Name: java")));
  }
}
