package io.gantry.agent.metric;

import com.google.gson.JsonObject;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.metrics.Counter;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.metrics.Readings;
import io.gantry.spi.metrics.Summary;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The figures of the IoT Edge agent that have a truth here, by its names. What is left out and why
 * stands in cnf/docs/metrics.md.
 */
public final class AgentMetrics implements AutoCloseable {

  private static final String MODULE = "module_name";
  private static final String VERSION = "module_version";
  private static final double MILLIS = 1_000;

  private final InstantSource time;
  private final Availability availability;
  private final Counter starts;
  private final Counter stops;
  private final Counter preparations;
  private final Summary commands;
  private final Summary deployments;
  private final List<Cancellable> readings;

  /**
   * Of an agent that begins now.
   *
   * @param version of the runtime
   */
  public AgentMetrics(Metrics metrics, InstantSource time, String version) {
    this.time = time;
    availability = new Availability(time);
    starts =
        metrics.counter(
            "edgeAgent_module_start_total", "Starts of a module, tried.", MODULE, VERSION);
    stops =
        metrics.counter(
            "edgeAgent_module_stop_total", "Stops of a module, tried.", MODULE, VERSION);
    preparations =
        metrics.counter(
            "edgeAgent_module_prepare_update_total",
            "Preparations of a module, tried; the version is the one found, empty for none.",
            MODULE,
            VERSION);
    commands =
        metrics.summary(
            "edgeAgent_command_latency_seconds",
            "How long a command took, done or not.",
            "command");
    deployments =
        metrics.summary(
            "edgeAgent_deployment_time_seconds",
            "From the taking of a deployment until all was as declared.");
    readings =
        List.of(
            metrics.readGauge(
                "edgeAgent_total_time_expected_running_seconds",
                "For how long a module was declared to run, since the agent began.",
                availability::tellExpected,
                MODULE),
            metrics.readGauge(
                "edgeAgent_total_time_running_correctly_seconds",
                "For how long of it the module ran and was healthy.",
                availability::tellCorrect,
                MODULE),
            metrics.readGauge(
                "edgeAgent_metadata",
                "What this gateway is made of; the value means nothing.",
                to -> tellMetadata(version, to),
                "edge_agent_version",
                "experimental_features",
                "host_information"));
  }

  private static void tellMetadata(String version, Readings.Readout to) {
    JsonObject host = new JsonObject();
    for (String property : List.of("os.name", "os.version", "os.arch", "java.version")) {
      host.addProperty(property, System.getProperty(property, ""));
    }
    to.value(0, version, "", host.toString());
  }

  /** For how long modules ran as they shall. */
  public Availability availability() {
    return availability;
  }

  /** A deployment taken then is as declared now. */
  public void deployed(Instant takenAt) {
    deployments.observe(seconds(takenAt));
  }

  /** A module is being started. */
  void starts(String module, String version) {
    starts.increment(module, version);
  }

  /** A module is being stopped. */
  void stops(String module, String version) {
    stops.increment(module, version);
  }

  /** A module was prepared, or was not. */
  void prepared(String module, String version) {
    preparations.increment(module, version);
  }

  /** A command of this name has begun; the same stage, which is watched until it ends. */
  public <S extends CompletionStage<?>> S timed(String command, S stage) {
    Instant begun = time.instant();
    stage.whenComplete((done, failure) -> commands.observe(seconds(begun), command));
    return stage;
  }

  /** By a clock that may be set back meanwhile. */
  private double seconds(Instant since) {
    Duration duration = Duration.between(since, time.instant());
    return duration.isNegative() ? 0 : duration.toMillis() / MILLIS;
  }

  /** Claims nothing any more; what was counted stays. */
  @Override
  public void close() {
    readings.forEach(Cancellable::cancel);
  }
}
