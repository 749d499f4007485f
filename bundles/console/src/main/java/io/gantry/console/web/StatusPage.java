package io.gantry.console.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.api.module.RequestException;
import io.gantry.console.status.DeploymentFacts;
import io.gantry.console.status.DryRunText;
import io.gantry.console.status.Events;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.ProcessFacts;
import io.gantry.console.status.Readiness;
import io.gantry.console.status.StatusText;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.deployment.ModuleReport;
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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.jspecify.annotations.Nullable;

/**
 * The page "Gantry": modules, deployments, routes, queues, losses, the last events, and forms to
 * deploy, undo, cancel and restart. The forms carry a token of this run besides the check of the
 * login, so that a browser too old to name the page a request comes from is safe, too.
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
      #gantry summary { cursor: pointer }
      #gantry details button { margin: .4em 0 }
      #gantry-deployments { margin: .6em 0 }
      #gantry-deployments details { display: inline-block; vertical-align: top; margin-right: 2em }
      #gantry .bad { color: #a00; font-weight: bold }
      #gantry-outcome { padding: .6em !important; white-space: pre-wrap }
      #gantry td { overflow-wrap: anywhere }
      #gantry td.time { white-space: nowrap }
      @media (max-width: 50em) {
        #gantry table { display: block; overflow-x: auto }
        #gantry td { overflow-wrap: normal }
        #lead img { display: none }
      }
      </style>
      <meta name="viewport" content="width=device-width, initial-scale=1">
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
    request.setAttribute(OUTCOME, act(request));
    // No answer is written here: the console then asks for the content of the page.
  }

  private String act(HttpServletRequest request) {
    Optional<Deployments> agent = gateway.deployments();
    if (agent.isEmpty()) {
      return "the agent is not there";
    }
    String action = Optional.ofNullable(request.getParameter("action")).orElse("");
    String manifest = Optional.ofNullable(request.getParameter("manifest")).orElse("");
    if (manifest.length() > LONGEST_MANIFEST) {
      return "the manifest is longer than " + LONGEST_MANIFEST + " characters";
    }
    return switch (action) {
      case "deploy" -> told(agent.get(), agent.get().deploy(manifest));
      case "dry-run" -> outcome(agent.get().dryRun(manifest).thenApply(DryRunText::of));
      case "undo" -> told(agent.get(), agent.get().undo());
      case "cancel" ->
          outcome(
              agent
                  .get()
                  .cancel()
                  .thenApply(
                      done ->
                          done
                              ? "the deployment is cancelled"
                              : "there is no deployment under way that could be cancelled"));
      case "restart" -> restart(agent.get(), request.getParameter("module"));
      default -> "there is nothing to do";
    };
  }

  private static String told(Deployments agent, CompletionStage<DeployResult> stage) {
    return outcome(stage.thenApply(result -> DeploymentFacts.outcome(result, agent.history())));
  }

  private static String restart(Deployments agent, @Nullable String module) {
    String name = Optional.ofNullable(module).orElse("");
    return outcome(agent.restart(name).thenApply(done -> "restarted " + name));
  }

  private static String outcome(CompletionStage<String> stage) {
    try {
      return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return "it is still being carried out; this page shows how far it is";
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RequestException refused) {
        return "refused: " + refused.getMessage();
      }
      throw new IllegalStateException("the agent failed", e.getCause());
    } catch (InterruptedException e) {
      return "the gateway stops";
    }
  }

  @Override
  public void renderContent(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Cache-Control", "no-store");
    Html html = new Html().markup(STYLE).markup("<div id=\"gantry\">\n");
    String manifest = "";
    if (request.getAttribute(OUTCOME) instanceof String outcome) {
      html.markup("<pre id=\"gantry-outcome\" class=\"ui-state-highlight\">")
          .text(outcome)
          .markup("</pre>\n")
          // To reload what a form was answered with would send the form again.
          .markup("<p><a href=\"" + LABEL + "\">how it is now</a></p>\n");
      manifest = Optional.ofNullable(request.getParameter("manifest")).orElse("");
    }
    state(html);
    modules(html);
    deployments(html);
    routing(html);
    drops(html);
    events(html);
    manifest(html, manifest);
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
        .table(
            "gantry-modules",
            "Name",
            "Status",
            "Version",
            "Since",
            "Restarts",
            "Description",
            "Last error",
            "");
    for (ModuleReport module : gateway.deployments().map(Deployments::modules).orElse(List.of())) {
      html.cells(module.name(), module.status(), module.version().orElse(""));
      html.time(module.since().map(StatusPage::seconds).orElse(""));
      html.moreCells(
          Integer.toString(module.restarts()),
          StatusText.description(module).orElse(""),
          module.lastError().orElse(""));
      html.markup("<td>");
      confirmed(html, "Restart", "restart", "Restart " + module.name() + " now", module.name());
      html.markup("</td>").endRow();
    }
    html.endTable();
  }

  /** The deployments, and the buttons that go back to the one before and give up the next one. */
  private void deployments(Html html) {
    List<DeploymentRecord> history =
        gateway.deployments().map(Deployments::history).orElse(List.of());
    html.heading("Deployments")
        .table("gantry-history", "Number", "State", "Origin", "Taken", "Modules or reason");
    history.forEach(
        record ->
            html.cells(
                    Long.toString(record.number()),
                    DeploymentFacts.state(record.state()),
                    record.origin())
                .time(seconds(record.takenAt()))
                .moreCells(DeploymentFacts.reason(record))
                .endRow());
    html.endTable().markup("<div id=\"gantry-deployments\">");
    confirmed(html, "Undo", "undo", "Go back to the deployment before the present one", "");
    confirmed(html, "Cancel", "cancel", "Give up the deployment that is under way", "");
    html.markup("</div>\n");
  }

  /** A button that shows itself only to who has opened it: no single click changes the plant. */
  private void confirmed(Html html, String title, String action, String sure, String module) {
    html.markup("<details class=\"gantry-" + action + "\"><summary>" + title + "</summary>");
    form(html).markup("<input type=\"hidden\" name=\"module\" value=\"").text(module).markup("\">");
    html.markup("<button type=\"submit\" name=\"action\" value=\"" + action + "\">")
        .text(sure)
        .markup("</button></form></details>");
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

  private void manifest(Html html, String given) {
    form(html.heading("Deploy a manifest"))
        .markup("<textarea name=\"manifest\" rows=\"12\" cols=\"100\" spellcheck=\"false\">")
        .text(given)
        .markup("</textarea><br>")
        .markup("<button id=\"gantry-deploy\" type=\"submit\" name=\"action\" value=\"deploy\">")
        .markup("Deploy</button> ")
        .markup("<button id=\"gantry-dry-run\" type=\"submit\" name=\"action\" value=\"dry-run\">")
        .markup("Dry run</button></form>\n");
  }

  /** The beginning of a form of this page. */
  private Html form(Html html) {
    return html.markup("<form method=\"post\" action=\"" + LABEL + "\">")
        .markup("<input type=\"hidden\" name=\"token\" value=\"")
        .text(formToken)
        .markup("\">");
  }
}
