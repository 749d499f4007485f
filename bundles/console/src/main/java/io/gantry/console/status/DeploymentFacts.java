package io.gantry.console.status;

import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.DeploymentRecord.State;
import io.gantry.spi.deployment.Deployments;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What became of the deployments, as a person asks for it.
 *
 * @param inForce what the gateway does now
 * @param pending what is being prepared
 * @param lastRefused the newest that was not made: refused, cancelled or rolled back
 */
public record DeploymentFacts(
    Optional<DeploymentRecord> inForce,
    Optional<DeploymentRecord> pending,
    Optional<DeploymentRecord> lastRefused) {

  private static final List<State> GONE = List.of(State.ROLLED_BACK, State.CANCELLED);
  private static final String DEPLOYED = "deployed";

  /** Reads them from the agent. */
  public static DeploymentFacts of(Gateway gateway) {
    List<DeploymentRecord> history =
        gateway.deployments().map(Deployments::history).orElse(List.of());
    return new DeploymentFacts(
        newest(history, List.of(State.IN_FORCE)),
        newest(history, List.of(State.PENDING)),
        newest(history, List.of(State.REFUSED, State.CANCELLED, State.ROLLED_BACK)));
  }

  private static Optional<DeploymentRecord> newest(
      List<DeploymentRecord> history, List<State> states) {
    return history.stream().filter(record -> states.contains(record.state())).findFirst();
  }

  /** By name and short; a refusal is old news once another deployment is in force. */
  public Map<String, String> lines(Instant now) {
    Map<String, String> lines = new LinkedHashMap<>();
    inForce.ifPresent(record -> lines.put("in force", text(record, now)));
    pending.ifPresent(record -> lines.put("pending", text(record, now)));
    lastRefused
        .filter(record -> record.number() > inForce.map(DeploymentRecord::number).orElse(0L))
        .ifPresent(record -> lines.put(state(record.state()), text(record, now)));
    return lines;
  }

  private static String text(DeploymentRecord record, Instant now) {
    String origin = record.origin().equals(DEPLOYED) ? "" : " (" + record.origin() + ")";
    Instant since = record.endedAt().orElse(record.takenAt());
    String why = record.description().isEmpty() ? "" : ": " + record.description();
    return record.number()
        + origin
        + ", since "
        + StatusText.span(Duration.between(since, now))
        + why;
  }

  /** The table of all that are remembered. */
  public static String table(List<DeploymentRecord> records, ZoneId zone) {
    if (records.isEmpty()) {
      return "there has been no deployment yet\n";
    }
    TextTable table = new TextTable("NUMBER", "STATE", "ORIGIN", "TAKEN", "MODULES OR REASON");
    for (DeploymentRecord record : records) {
      table.row(
          Long.toString(record.number()),
          state(record.state()),
          PlainText.escaped(record.origin()),
          Times.seconds(record.takenAt(), zone),
          PlainText.escaped(reason(record)));
    }
    return table.render(0);
  }

  /** Its state in words. */
  public static String state(State state) {
    return state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** What went wrong; when nothing did, its modules. */
  public static String reason(DeploymentRecord record) {
    if (!record.description().isEmpty()) {
      return record.description();
    }
    return record.modules().isEmpty()
        ? "no modules"
        : record.modules().entrySet().stream()
            .map(module -> (module.getKey() + " " + module.getValue()).strip())
            .collect(Collectors.joining(", "));
  }

  /**
   * What became of a deployment that somebody waited for.
   *
   * @param history tells whether it is in force, which the result alone does not
   */
  public static String outcome(DeployResult result, List<DeploymentRecord> history) {
    StringBuilder text = new StringBuilder();
    Optional<DeploymentRecord> own =
        history.stream().filter(record -> record.number() == result.version()).findFirst();
    String deployment = "deployment " + result.version();
    if (result.code() == DeployResult.UNMET) {
      boolean cancelled = own.filter(record -> record.state() == State.CANCELLED).isPresent();
      text.append(deployment);
      text.append(cancelled ? " was cancelled" : " could not be made (" + result.code() + ")");
      text.append(": nothing was changed").append(stays(history));
    } else if (!result.accepted()) {
      text.append("refused (").append(result.code()).append("): nothing was changed");
      text.append(stays(history));
    } else if (own.filter(record -> record.state() == State.PENDING).isPresent()) {
      text.append(deployment).append(" waits").append(stays(history));
      text.append("; it is tried again until it can be made (gantry cancel gives it up)");
    } else if (own.filter(record -> GONE.contains(record.state())).isPresent()) {
      text.append(deployment).append(" was ").append(state(own.get().state()));
      text.append(inForce(history, " is in force"));
    } else {
      text.append(deployment).append(" is in force");
      text.append(result.code() == 200 ? "" : ", but a step failed; it is tried again");
    }
    text.append('\n');
    if (result.accepted()) {
      own.filter(record -> !record.origin().equals(DEPLOYED))
          .map(record -> PlainText.escaped(record.origin() + ": " + reason(record)) + "\n")
          .ifPresent(text::append);
    }
    StatusText.list(text, "error:", result.errors());
    StatusText.list(text, "warning:", result.warnings());
    return text.toString();
  }

  private static String stays(List<DeploymentRecord> history) {
    return inForce(history, " stays in force");
  }

  private static String inForce(List<DeploymentRecord> history, String verb) {
    return newest(history, List.of(State.IN_FORCE))
        .map(record -> ", deployment " + record.number() + verb)
        .orElse("");
  }
}
