package io.gantry.console.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.module.RequestException;
import io.gantry.console.status.FakeEventLog;
import io.gantry.console.status.FakeGateway;
import io.gantry.console.status.FakeGateway.FakeAgent;
import io.gantry.console.status.ProcessFacts;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.testkit.identity.FakeIdentities;
import io.gantry.testkit.security.FakeCertificates;
import io.gantry.testkit.time.ManualTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class StatusPageTest {

  private final FakeGateway gateway = new FakeGateway();
  private final FakeAgent agent = new FakeAgent();
  private final StatusPage page =
      new StatusPage(gateway, new ProcessFacts("0.1.0", new ManualTime()));
  private final Servlets web = new Servlets();

  private String show() throws Exception {
    web.body.getBuffer().setLength(0);
    page.renderContent(web.request(), web.response());
    return web.body.toString();
  }

  private String token() throws Exception {
    Matcher matcher = Pattern.compile("name=\"token\" value=\"([0-9a-f]+)\"").matcher(show());
    assertTrue(matcher.find());
    return matcher.group(1);
  }

  @Test
  void aPageWithoutAnyServiceIsStillAPage() throws Exception {
    assertTrue(show().contains("Gantry 0.1.0: not ready"));
  }

  @Test
  void thePageShowsHowManyMayConnectAndTheCertificate() throws Exception {
    gateway.identities = Optional.of(new FakeIdentities());
    gateway.certificates = Optional.of(new FakeCertificates());
    assertTrue(show().contains("<li class=\"\">Identities: 0 enabled, 0 disabled</li>"));
    assertTrue(show().contains("<li class=\"\">Certificate: localhost, good until "));
  }

  /** What devices send is shown to an operator who is logged in. */
  @Test
  void textFromElsewhereNeverBecomesMarkup() throws Exception {
    String evil = "<script>alert('x')</script>\"&";
    agent.modules =
        List.of(
            new ModuleReport(
                "m", "failed", Optional.empty(), Optional.empty(), 0, Optional.of(evil), "i", "d"));
    gateway.deployments = Optional.of(agent);
    FakeEventLog events = new FakeEventLog();
    events.add("d", Message.of(Payload.ofText(evil)).withProperty(evil, evil));
    gateway.events = Optional.of(events);
    String html = show();
    assertFalse(html.contains("<script>"), html);
    assertTrue(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"), html);
  }

  @Test
  void theFormDeploysAndThePageShowsTheOutcome() throws Exception {
    gateway.deployments = Optional.of(agent);
    web.parameters.put("token", token());
    web.parameters.put("action", "deploy");
    web.parameters.put("manifest", "{\"a\":1}");
    page.doPost(web.request(), web.response());
    assertEquals(List.of("{\"a\":1}"), agent.manifests);
    assertTrue(show().contains("deployment 1 is in force"));
  }

  @Test
  void aFormThatThisPageDidNotMakeIsRefused() throws Exception {
    gateway.deployments = Optional.of(agent);
    web.parameters.put("manifest", "{}");
    page.doPost(web.request(), web.response());
    assertEquals(403, web.status);
    web.parameters.put("token", "0");
    page.doPost(web.request(), web.response());
    assertEquals(List.of(), agent.manifests);
  }

  private String act(String action) throws Exception {
    web.parameters.put("token", token());
    web.parameters.put("action", action);
    web.attributes.clear();
    page.doPost(web.request(), web.response());
    return show();
  }

  @Test
  void aDryRunIsShownAndTheManifestStaysInTheForm() throws Exception {
    gateway.deployments = Optional.of(agent);
    web.parameters.put("manifest", "{\"<\":1}");
    String html = act("dry-run");
    assertTrue(html.contains("nothing would change: the gateway is as"), html);
    assertTrue(html.contains("{&quot;&lt;&quot;:1}</textarea>"), html);
  }

  /** To reload the answer of a form sends it again, and a second undo goes forward. */
  @Test
  void anOutcomeComesWithALinkThatShowsThePageWithoutDoingItAgain() throws Exception {
    gateway.deployments = Optional.of(agent);
    assertFalse(show().contains("how it is now"));
    assertTrue(act("undo").contains("<a href=\"gantry\">how it is now</a>"));
  }

  /** A link in a mail must not fill in what an operator then deploys. */
  @Test
  void anAddressCannotPutAManifestIntoTheForm() throws Exception {
    web.parameters.put("manifest", "{\"evil\":1}");
    assertFalse(show().contains("evil"));
  }

  @Test
  void thePageIsNotKeptByBrowsersAndFitsThoseOfPhones() throws Exception {
    assertTrue(show().contains("<meta name=\"viewport\""));
    assertEquals("no-store", web.answered.get("Cache-Control"));
  }

  @Test
  void deploymentsAreATableAndCanBeUndoneAndCancelledOnceOpened() throws Exception {
    gateway.deployments = Optional.of(agent);
    agent.history =
        List.of(
            new DeploymentRecord(
                7,
                DeploymentRecord.State.ROLLED_BACK,
                "deployed",
                Instant.EPOCH,
                Optional.empty(),
                "a <b>",
                new TreeMap<>()));
    String html = show();
    assertTrue(
        html.contains(
            "<tr><td>7</td><td>rolled back</td><td>deployed</td>"
                + "<td class=\"time\">1970-01-01T00:00:00Z</td>"
                + "<td>a &lt;b&gt;</td></tr>"),
        html);
    assertTrue(html.contains("<details class=\"gantry-undo\"><summary>Undo</summary><form"), html);
    assertTrue(act("undo").contains("deployment 1 is in force"));
    assertTrue(act("cancel").contains("there is no deployment under way"));
    agent.pending = true;
    assertTrue(act("cancel").contains("the deployment is cancelled"));
  }

  @Test
  void aModuleIsRestartedOrTheReasonShown() throws Exception {
    gateway.deployments = Optional.of(agent);
    agent.modules =
        List.of(
            new ModuleReport(
                "m\"x",
                "failed",
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty(),
                "i",
                "d"));
    assertTrue(show().contains("name=\"module\" value=\"m&quot;x\">"), show());
    web.parameters.put("module", "m");
    assertTrue(act("restart").contains("restarted m"));
    assertEquals(List.of("m"), agent.restarted);
    agent.restart = CompletableFuture.failedFuture(new RequestException(404, "no module m"));
    assertTrue(act("restart").contains("refused: no module m"));
  }

  @Test
  void withoutATokenNothingIsUndoneCancelledOrRestarted() throws Exception {
    gateway.deployments = Optional.of(agent);
    for (String action : List.of("undo", "cancel", "restart", "dry-run", "deploy")) {
      web.status = 200;
      web.parameters.put("action", action);
      page.doPost(web.request(), web.response());
      assertEquals(403, web.status, action);
    }
    assertEquals(List.of(), agent.restarted);
    assertEquals(List.of(), agent.manifests);
  }
}
