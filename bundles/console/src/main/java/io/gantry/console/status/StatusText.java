package io.gantry.console.status;

import io.gantry.spi.deployment.ModuleReport;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteExplanation;
import io.gantry.spi.routing.RouteHistory;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.Listener;
import io.gantry.spi.store.StoreStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** The gateway in text, for people: the command line, the shell and the page share it. */
public final class StatusText {

  private static final String NONE = "-";
  private static final int WIDEST = 64;

  private StatusText() {}

  /** Everything that fits on a screen. */
  public static String status(Gateway gateway, ProcessFacts process, Map<String, String> own) {
    Readiness readiness = Readiness.of(gateway, process.now());
    StringBuilder text = new StringBuilder();
    text.append("Gantry ").append(process.version());
    gateway.hub().map(ClientGateway::deviceId).ifPresent(id -> text.append(", device ").append(id));
    text.append(readiness.ready() ? ": ready" : ": not ready");
    text.append(", up ").append(span(process.uptime())).append(", pid ").append(process.pid());
    text.append(", ").append(memory(process)).append('\n');
    list(text, "waiting for", readiness.waiting());
    list(text, "problem", readiness.problems());
    list(text, "warning", readiness.warnings());
    list(text, "missing", Missing.of(gateway));
    text.append("\nEndpoints\n").append(endpoints(gateway, readiness, own));
    text.append("\nModules\n").append(modules(gateway, process.now(), 2));
    text.append(deployments(DeploymentFacts.of(gateway).lines(process.now())));
    gateway.routes().ifPresent(table -> text.append(routing(table)));
    gateway.drops().ifPresent(drops -> text.append(drops(drops.counts())));
    gateway.store().ifPresent(store -> text.append(store(store.status())));
    security(gateway)
        .forEach((name, value) -> text.append(String.format("%-13s%s\n", name, value)));
    return text.toString();
  }

  static void list(StringBuilder text, String title, List<String> entries) {
    for (String entry : entries) {
      text.append(title).append(' ').append(PlainText.escaped(entry)).append('\n');
    }
  }

  private static String memory(ProcessFacts process) {
    String heap = "heap " + mebibytes(process.heapUsed()) + " of " + mebibytes(process.heapMax());
    return process.resident().isPresent()
        ? heap + ", resident " + mebibytes(process.resident().getAsLong())
        : heap;
  }

  private static String endpoints(Gateway gateway, Readiness readiness, Map<String, String> own) {
    TextTable table = new TextTable("NAME", "ADDRESS", "CONNECTIONS");
    for (Listener listener : gateway.listeners()) {
      String address = listener.endpoint().orElse(NONE);
      table.row(listener.protocol(), address, Integer.toString(listener.connections()));
    }
    String console = readiness.endpoints().getOrDefault("console", NONE);
    table.row("console", console, "");
    own.forEach((name, url) -> table.row(name, url, ""));
    return table.render(2);
  }

  /** The modules, one in a line. */
  public static String modules(Gateway gateway, Instant now) {
    return modules(gateway, now, 0);
  }

  private static String modules(Gateway gateway, Instant now, int indent) {
    TextTable table =
        new TextTable(
            "NAME", "STATUS", "VERSION", "SINCE", "RESTARTS", "DESCRIPTION", "LAST ERROR");
    List<ModuleReport> modules = gateway.deployments().map(d -> d.modules()).orElse(List.of());
    for (ModuleReport module : modules) {
      table.row(
          module.name(),
          module.status(),
          module.version().orElse(NONE),
          module.since().map(since -> span(Duration.between(since, now)) + " ago").orElse(NONE),
          Integer.toString(module.restarts()),
          PlainText.escaped(description(module).map(StatusText::cut).orElse(NONE)),
          module.lastError().map(PlainText::escaped).orElse(NONE));
    }
    return table.render(indent);
  }

  /** What there is to say besides its status and its last error. */
  public static Optional<String> description(ModuleReport module) {
    String text = module.description();
    boolean said =
        text.isBlank()
            || text.equals(module.status())
            || module.lastError().orElse("").equals(text);
    return said ? Optional.empty() : Optional.of(text);
  }

  /** The whole of it stands in the JSON, and on the page. */
  private static String cut(String text) {
    return text.length() <= WIDEST ? text : text.substring(0, WIDEST - 3) + "...";
  }

  private static String deployments(Map<String, String> lines) {
    if (lines.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("\nDeployment\n");
    lines.forEach(
        (name, value) -> text.append(String.format("  %-12s%s\n", name, PlainText.escaped(value))));
    return text.toString();
  }

  private static String routing(RouteTable table) {
    TextTable routes = new TextTable("NAME", "ROUTE");
    for (RouteDefinition route : table.routes()) {
      routes.row(PlainText.escaped(route.name()), PlainText.escaped(route.text()));
    }
    TextTable queues =
        new TextTable("QUEUE", "STATE", "WAITING", "BYTES", "DELIVERED", "LAST PROBLEM");
    for (EndpointStatus queue : table.endpoints()) {
      queues.row(
          queue.address(),
          queue.state(),
          Long.toString(queue.pending()),
          Long.toString(queue.pendingBytes()),
          Long.toString(queue.delivered()),
          queue.lastProblem().isEmpty() ? NONE : PlainText.escaped(queue.lastProblem()));
    }
    return "\nRoutes\n" + routes.render(2) + "\nQueues\n" + queues.render(2);
  }

  private static String drops(Map<DropReason, Long> counts) {
    StringJoiner text = new StringJoiner(", ", "\nDropped  ", "\n").setEmptyValue("\nDropped  0\n");
    counts.forEach((reason, count) -> text.add(reason.label() + " " + count));
    return text.toString();
  }

  private static String store(StoreStatus status) {
    return "Store    "
        + mebibytes(status.bytes())
        + " of "
        + mebibytes(status.maxBytes())
        + " in "
        + status.segments()
        + " segments, "
        + status.appended()
        + " records since the start, "
        + status.damagedRecords()
        + " damaged\n";
  }

  /** How many may connect, and what they have to trust: short, by name. */
  public static Map<String, String> security(Gateway gateway) {
    Map<String, String> facts = new LinkedHashMap<>();
    gateway
        .identities()
        .ifPresent(
            registry -> facts.put("Identities", IdentityFacts.Count.of(registry).toString()));
    gateway
        .certificates()
        .ifPresent(
            certificates ->
                facts.put(
                    "Certificate",
                    certificates.hostName()
                        + CertificateFacts.end(certificates)
                            .map(end -> ", good until " + end)
                            .orElse("")));
    return facts;
  }

  /** One fact a line, for {@code gantry run}; the first word says what kind of fact it is. */
  public static String readiness(Readiness readiness) {
    StringBuilder text = new StringBuilder(readiness.ready() ? "ready\n" : "starting\n");
    readiness
        .endpoints()
        .forEach(
            (name, url) ->
                text.append("endpoint ").append(name).append(' ').append(url).append('\n'));
    list(text, "waiting", readiness.waiting());
    list(text, "problem", readiness.problems());
    list(text, "warning", readiness.warnings());
    return text.toString();
  }

  /** Why a route fires or does not. */
  public static String explained(String route, RouteExplanation explanation) {
    StringBuilder text = new StringBuilder("route ").append(PlainText.escaped(route));
    text.append(explanation.fires() ? " fires\n" : " does not fire\n");
    explanation
        .reasons()
        .forEach(reason -> text.append("  ").append(PlainText.escaped(reason)).append('\n'));
    return text.toString();
  }

  /** Why a route fired for the last messages, or did not; the newest first. */
  public static String explained(String route, List<RouteHistory> histories) {
    if (histories.isEmpty()) {
      return "no message has passed yet\n";
    }
    StringBuilder text = new StringBuilder();
    for (RouteHistory history : histories) {
      text.append(history.time()).append(' ').append(PlainText.escaped(history.sender()));
      text.append(' ').append(PlainText.escaped(history.source())).append(": ");
      text.append(explained(route, history.explanation()));
    }
    return text.toString();
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }

  /** A span of time in its two largest units. */
  static String span(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return seconds / 60 + " min " + seconds % 60 + " s";
    }
    if (seconds < 86_400) {
      return seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }
    return seconds / 86_400 + " d " + seconds % 86_400 / 3600 + " h";
  }
}
