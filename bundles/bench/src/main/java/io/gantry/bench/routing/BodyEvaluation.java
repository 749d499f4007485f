package io.gantry.bench.routing;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.gantry.api.message.Message;
import io.gantry.routing.table.CompiledRoutes;
import io.gantry.routing.table.RouteTarget;
import io.gantry.spi.routing.MessageSource;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteSet;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * A condition that asks for two places in a JSON body of 300 bytes, beside the same reader of JSON
 * only passing over the body.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgs = {"-Xmx128m", "-XX:+UseSerialGC"})
public class BodyEvaluation {

  private static final String ROUTE =
      "FROM /messages/* WHERE $body.machine.temperature > 25 AND $body.machine.id = 'x'"
          + " INTO $upstream";

  private static final String BODY =
      """
      {"machine":{"id":"x","temperature":31.52,"speed":1480,"running":true},\
      "ambient":{"temperature":20.94,"humidity":25},"line":"line 3, hall B",\
      "alarms":[{"code":17,"text":"door \\"north\\" open"},{"code":4,"text":"filter"}],\
      "operator":null,"shift":"early","time":"2026-11-01T06:12:31.204Z","order":"4711"}\
      """;

  private static final int LENGTH = 300;

  private CompiledRoutes routes;
  private Message message;

  /** Compiles the route. */
  @Setup
  public void compile() {
    message = Message.json(BODY + " ".repeat(LENGTH - BODY.length()));
    routes = CompiledRoutes.compile(RouteSet.of(List.of(new RouteDefinition("r", ROUTE)))).routes();
    if (evaluated().size() != 1) {
      throw new IllegalStateException("the route does not fire");
    }
  }

  /** Ours. */
  @Benchmark
  public List<RouteTarget> evaluated() {
    return routes.match(MessageSource.DEVICE, message);
  }

  /** The limit. */
  @Benchmark
  public JsonToken passedOver() throws IOException {
    JsonReader json = new JsonReader(new StringReader(message.body().asText()));
    json.skipValue();
    return json.peek();
  }

  /** Runs these, with the bytes that each call allocates. */
  public static void main(String[] arguments) throws Exception {
    new Runner(
            new OptionsBuilder()
                .include(BodyEvaluation.class.getSimpleName())
                .addProfiler(GCProfiler.class)
                .build())
        .run();
  }
}
