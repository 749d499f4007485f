package io.gantry.console.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.console.status.Events;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.ProcessFacts;
import io.gantry.console.status.Readiness;
import io.gantry.console.status.StatusText;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.upstream.EventLog;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.felix.webconsole.servlet.AbstractServlet;

/**
 * The page "Gantry": modules, routes, queues, losses, the last events, and a form to deploy. The
 * form carries a token of this run besides the check of the login, so that a browser too old to
 * name the page a request comes from is safe, too.
 */
public class StatusPage extends AbstractServlet {

  /** The last part of the page's address. */
  public static final String LABEL = "gantry";

  private static final long serialVersionUID = 1L;
  private static final int EVENTS = 20;
  private static final int LONGEST_MANIFEST = 1024 * 1024;
  private static final long PATIENCE_SECONDS = 30;
  private static final String OUTCOME = StatusPage.class.getName() + ".outcome";

  // The console takes the looks of everything away and gives back only those of tables.
  private static final String STYLE =
      """
      <style>
      #gantry h3 { font-size: 1.2em; font-weight: bold; margin: 1.4em 0 .4em }
      #gantry ul { margin: .8em 0 }
      #gantry li { line-height: 1.6 }
      #gantry pre { font-family: monospace; line-height: 1.5; overflow-x: auto; padding: .4em 0 }
      #gantry textarea { width: 100%; box-sizing: border-box; font-family: monospace }
      #gantry button { margin: .6em 0 2em }
      #gantry .bad { color: #a00; font-weight: bold }
      #gantry-outcome { padding: .6em !important; white-space: pre-wrap }
      </style>
      """;

  private final transient Gateway gateway;
  private final transient ProcessFacts process;
  private final String formToken;

  /** Shows this gateway. */
  public StatusPage(Gateway gateway, ProcessFacts process) {
    this.gateway = gateway;
    this.process = process;
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    this.formToken = HexFormat.of().formatHex(random);
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    String token = Optional.ofNullable(request.getParameter("token")).orElse("");
    if (!MessageDigest.isEqual(token.getBytes(UTF_8), formToken.getBytes(UTF_8))) {
      response.sendError(HttpServletResponse.SC_FORBIDDEN, "reload the page and try again");
      return;
    }
    String manifest = Optional.ofNullable(request.getParameter("manifest")).orElse("");
    request.setAttribute(OUTCOME, deploy(manifest));
    // No answer is written here: the console then asks for the content of the page.
  }

  private String deploy(String manifest) {
    Optional<Deployments> deployments = gateway.deployments();
    if (deployments.isEmpty()) {
      return "the agent is not there";
    }
    if (manifest.length() > LONGEST_MANIFEST) {
      return "the manifest is longer than " + LONGEST_MANIFEST + " characters";
    }
    try {
      DeployResult result =
          deployments
              .get()
              .deploy(manifest)
              .toCompletableFuture()
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return StatusText.deployed(result);
    } catch (TimeoutException e) {
      return "the deployment is still being carried out; this page shows how far it is";
    } catch (ExecutionException e) {
      throw new IllegalStateException("the agent failed on a manifest", e.getCause());
    } catch (InterruptedException e) {
      return "the gateway stops";
    }
  }

  @Override
  public void renderContent(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Html html = new Html().markup(STYLE).markup("<div id=\"gantry\">\n");
    if (request.getAttribute(OUTCOME) instanceof String outcome) {
      html.markup("<pre id=\"gantry-outcome\" class=\"ui-state-highlight\">")
          .text(outcome)
          .markup("</pre>\n");
    }
    state(html);
    modules(html);
    routing(html);
    drops(html);
    events(html);
    form(html);
    html.markup("</div>\n");
    response.getWriter().print(html);
  }

  private void state(Html html) {
    Readiness readiness = Readiness.of(gateway, process.now());
    html.markup("<p class=\"statline\">")
        .text("Gantry " + process.version() + (readiness.ready() ? ": ready" : ": not ready"))
        .markup("</p>\n<ul>");
    readiness.endpoints().forEach((name, url) -> item(html, "", name + ": " + url));
    StatusText.security(gateway).forEach((name, fact) -> item(html, "", name + ": " + fact));
    readiness.waiting().forEach(text -> item(html, "", "waiting for " + text));
    readiness.problems().forEach(text -> item(html, "bad", "problem: " + text));
    readiness.warnings().forEach(text -> item(html, "bad", "warning: " + text));
    html.markup("</ul>\n");
  }

  private static void item(Html html, String kind, String text) {
    html.markup("<li class=\"" + kind + "\">").text(text).markup("</li>");
  }

  private void modules(Html html) {
    html.heading("Modules")
        .table("gantry-modules", "Name", "Status", "Version", "Since", "Restarts", "Last error");
    gateway.deployments().map(Deployments::modules).orElse(List.of()).stream()
        .forEach(
            module ->
                html.row(
                    module.name(),
                    module.status(),
                    module.version().orElse(""),
                    module.since().map(StatusPage::seconds).orElse(""),
                    Integer.toString(module.restarts()),
                    module.lastError().orElse("")));
    html.endTable();
  }

  private static String seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private void routing(Html html) {
    html.heading("Routes").table("gantry-routes", "Name", "Route");
    gateway
        .routes()
        .ifPresent(table -> table.routes().forEach(route -> html.row(route.name(), route.text())));
    html.endTable()
        .heading("Queues")
        .table("gantry-queues", "Endpoint", "State", "Waiting", "Bytes", "Delivered", "Problem");
    gateway
        .routes()
        .ifPresent(
            table ->
                table
                    .endpoints()
                    .forEach(
                        queue ->
                            html.row(
                                queue.address(),
                                queue.state(),
                                Long.toString(queue.pending()),
                                Long.toString(queue.pendingBytes()),
                                Long.toString(queue.delivered()),
                                queue.lastProblem())));
    html.endTable();
  }

  private void drops(Html html) {
    html.heading("Dropped messages");
    Map<DropReason, Long> counts = gateway.drops().map(Drops::counts).orElse(Map.of());
    if (counts.isEmpty()) {
      html.markup("<p>none</p>\n");
      return;
    }
    html.table("gantry-drops", "Reason", "Count");
    counts.forEach((why, count) -> html.row(why.label(), count.toString()));
    html.endTable();
  }

  private void events(Html html) throws IOException {
    html.heading("Last messages to $upstream").markup("<pre id=\"gantry-events\">");
    Optional<EventLog> log = gateway.events();
    if (log.isPresent()) {
      long from = Math.max(log.get().first(), log.get().next() - EVENTS);
      for (EventLog.Event event : log.get().read(from, EVENTS)) {
        html.text(Events.text(event)).markup("\n");
      }
    }
    html.markup("</pre>\n");
  }

  private void form(Html html) {
    html.heading("Deploy a manifest")
        .markup("<form method=\"post\" action=\"" + LABEL + "\">")
        .markup("<input type=\"hidden\" name=\"token\" value=\"")
        .text(formToken)
        .markup("\"><textarea name=\"manifest\" rows=\"12\" cols=\"100\" spellcheck=\"false\">")
        .markup(
            "</textarea><br><button id=\"gantry-deploy\" type=\"submit\">Deploy</button></form>\n");
  }
}
