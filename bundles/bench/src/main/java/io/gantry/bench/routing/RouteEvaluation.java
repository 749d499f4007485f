package io.gantry.bench.routing;

import io.gantry.api.message.Message;
import io.gantry.api.message.SystemProperty;
import io.gantry.routing.table.CompiledRoutes;
import io.gantry.routing.table.RouteTarget;
import io.gantry.spi.routing.MessageSource;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * One message of a device against routes of which each asks it another question, and one says yes;
 * and messages of modules, each with a route of its own.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RouteEvaluation {

  private static final String PROPERTY = "line = 'line%d'";
  private static final String BODY = "$body.machine.temperature > %d";

  /** How many routes have this source. */
  @Param({"10", "1000"})
  int routes;

  private CompiledRoutes onProperty;
  private CompiledRoutes onBody;
  private CompiledRoutes ofOthers;
  private CompiledRoutes ofEach;
  private String[] sources;
  private int next;
  private Message message;

  /** Compiles the routes. */
  @Setup
  public void compile() {
    onProperty = compiled("/messages/*", PROPERTY);
    // The temperature is above that of the first route only.
    onBody = compiled("/messages/*", BODY);
    ofOthers = compiled("/messages/modules/filter/outputs/*", PROPERTY);
    ofEach = compiled("/messages/modules/m%d/outputs/*", "line = 'line0'");
    sources = new String[routes];
    for (int i = 0; i < routes; i++) {
      sources[i] = MessageSource.moduleOutput("m" + i, "out1");
    }
    message =
        Message.json(
                "{\"machine\":{\"temperature\":0.5,\"pressure\":1.02},"
                    + "\"ambient\":{\"temperature\":20.9,\"humidity\":25},"
                    + "\"timeCreated\":\"2026-01-01T00:00:00Z\"}")
            .withProperty("line", "line0")
            .withSystemProperty(SystemProperty.MESSAGE_ID, "4711")
            .withSystemProperty(SystemProperty.CONNECTION_DEVICE_ID, "d1");
    expectOne(property());
    expectOne(body());
    expectOne(candidate());
    expectOne(candidates());
  }

  private CompiledRoutes compiled(String source, String condition) {
    List<RouteDefinition> definitions = new ArrayList<>();
    for (int i = 0; i < routes; i++) {
      String text =
          "FROM %s WHERE %s INTO BrokeredEndpoint(\"/modules/m/inputs/i%d\")"
              .formatted(source.formatted(i), condition.formatted(i), i);
      definitions.add(new RouteDefinition("r" + i, text));
    }
    CompiledRoutes.Result result = CompiledRoutes.compile(RouteSet.of(definitions));
    if (!result.errors().isEmpty()) {
      throw new IllegalStateException("the routes do not compile: " + result.errors());
    }
    return result.routes();
  }

  private static void expectOne(List<RouteTarget> found) {
    if (found.size() != 1) {
      throw new IllegalStateException("expected one endpoint, found " + found);
    }
  }

  /** Each route compares an application property. */
  @Benchmark
  public List<RouteTarget> property() {
    return onProperty.match(MessageSource.DEVICE, message);
  }

  /** Each route looks into the JSON body. */
  @Benchmark
  public List<RouteTarget> body() {
    return onBody.match(MessageSource.DEVICE, message);
  }

  /** All routes begin elsewhere. */
  @Benchmark
  public List<RouteTarget> none() {
    return ofOthers.match(MessageSource.DEVICE, message);
  }

  /** One route of many begins where the message comes from. */
  @Benchmark
  public List<RouteTarget> candidate() {
    return ofEach.match(sources[0], message);
  }

  /** The same, the messages coming from all sources in turn. */
  @Benchmark
  public List<RouteTarget> candidates() {
    next = next + 1 == sources.length ? 0 : next + 1;
    return ofEach.match(sources[next], message);
  }

  /** Runs these, with the bytes that each call allocates. */
  public static void main(String[] arguments) throws Exception {
    new Runner(
            new OptionsBuilder()
                .include(RouteEvaluation.class.getSimpleName())
                .addProfiler(GCProfiler.class)
                .build())
        .run();
  }
}
