package io.gantry.agent.client.method;

import com.google.gson.JsonObject;
import io.gantry.agent.client.payload.Arguments;
import io.gantry.agent.client.payload.BadArgumentException;
import io.gantry.agent.client.payload.GuardedPattern.TooSlowException;
import io.gantry.agent.client.task.Tasks;
import io.gantry.agent.client.task.Uploads;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Stages;
import io.gantry.spi.log.ModuleLogs;
import io.gantry.spi.metrics.Counter;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The direct methods of the agent, as back ends know them from IoT Edge: 200 when it was done, 400
 * for a caller's mistake, 500 for anything else, both with a message. They are not done on the
 * thread that brings the call.
 */
public final class AgentMethods {

  private static final Logger LOG = LoggerFactory.getLogger(AgentMethods.class);

  private static final String NOTHING = "null";
  private static final String PING = "ping";
  private static final int OK = 200;
  private static final int MOST_WAITING = 16;

  /** By their names in small letters. */
  private final Map<String, Method> methods;

  private final Surroundings surroundings;
  private final Tasks tasks;
  private final Counter invocations;
  private final AtomicInteger waiting = new AtomicInteger();

  /** What a method does. */
  @FunctionalInterface
  private interface Action {
    CompletionStage<String> run(Arguments arguments) throws BadArgumentException, IOException;
  }

  private record Method(String name, SerialExecutor executor, Action action) {}

  /**
   * @param invocations counts calls by the name of the method; names that are none are not counted,
   *     for anybody may make up as many as he likes
   * @param quick runs what takes no time
   * @param slow runs what reads files
   */
  public AgentMethods(
      Surroundings surroundings,
      Tasks tasks,
      Uploads uploads,
      InstantSource clock,
      Counter invocations,
      SerialExecutor quick,
      SerialExecutor slow) {
    this.surroundings = surroundings;
    this.tasks = tasks;
    this.invocations = invocations;
    LogMethods logs = new LogMethods(surroundings, tasks, uploads, clock);
    this.methods =
        Map.of(
            "restartmodule", new Method("RestartModule", quick, this::restart),
            "gettaskstatus", new Method("GetTaskStatus", quick, this::status),
            "getmodulelogs",
                new Method("GetModuleLogs", slow, given -> done(logs.getModuleLogs(given))),
            "uploadmodulelogs",
                new Method("UploadModuleLogs", slow, given -> done(logs.uploadModuleLogs(given))),
            "uploadsupportbundle",
                new Method(
                    "UploadSupportBundle", slow, given -> done(logs.uploadSupportBundle(given))));
  }

  private static CompletionStage<String> done(String payload) {
    return CompletableFuture.completedFuture(payload);
  }

  /** Answers a call; any thread. */
  public CompletionStage<MethodResponse> invoke(MethodRequest request) {
    String name = request.name().toLowerCase(Locale.ROOT);
    if (name.equals(PING)) {
      invocations.increment(PING);
      return CompletableFuture.completedFuture(new MethodResponse(OK, NOTHING));
    }
    Method method = methods.get(name);
    if (method == null) {
      return CompletableFuture.completedFuture(
          message(400, "There is no method " + shown(request.name()) + "; there are " + names()));
    }
    invocations.increment(method.name());
    if (waiting.incrementAndGet() > MOST_WAITING) {
      waiting.decrementAndGet();
      return CompletableFuture.completedFuture(
          message(429, MOST_WAITING + " calls are waiting already"));
    }
    CompletableFuture<MethodResponse> answer = new CompletableFuture<>();
    answer.whenComplete((response, failure) -> waiting.decrementAndGet());
    if (!method.executor.offer(() -> run(method, request.payload(), answer))) {
      answer.completeExceptionally(new RequestException(404, "the agent answers no methods now"));
    }
    return answer;
  }

  private static String shown(String name) {
    return name.length() <= 50 ? name : name.substring(0, 50) + "...";
  }

  private String names() {
    List<String> names = methods.values().stream().map(Method::name).sorted().toList();
    return String.join(", ", names) + ", " + PING;
  }

  private void run(Method method, String payload, CompletableFuture<MethodResponse> answer) {
    try {
      method
          .action
          .run(Arguments.ofPayload(payload))
          .whenComplete(
              (result, failure) ->
                  answer.complete(
                      failure == null ? new MethodResponse(OK, result) : failed(method, failure)));
    } catch (BadArgumentException | IOException | RuntimeException | Error failure) {
      answer.complete(failed(method, failure));
    }
  }

  private static MethodResponse failed(Method method, Throwable failure) {
    Throwable cause = Stages.cause(failure);
    String text = Optional.ofNullable(cause.getMessage()).orElse(cause.getClass().getSimpleName());
    if (cause instanceof BadArgumentException || cause instanceof TooSlowException) {
      return message(400, text);
    }
    if (cause instanceof RequestException refused) {
      return message(refused.status() / 100 == 4 ? 400 : 500, text);
    }
    LOG.warn("The method {} failed; the caller gets 500", method.name, cause);
    return message(500, text);
  }

  private static MethodResponse message(int status, String text) {
    JsonObject json = new JsonObject();
    json.addProperty("message", text);
    return new MethodResponse(status, json.toString());
  }

  private CompletionStage<String> restart(Arguments arguments) throws BadArgumentException {
    String module = arguments.text("id");
    if (module.equalsIgnoreCase(ModuleLogs.AGENT)
        || module.equalsIgnoreCase(ModuleLogs.HUB)
        || module.startsWith("$")) {
      throw new BadArgumentException(
          arguments.place("id")
              + ": expected a module of the deployment, found "
              + shown(module)
              + ", which is this runtime itself and cannot restart itself");
    }
    return surroundings.agent().restart(module).thenApply(nothing -> NOTHING);
  }

  private CompletionStage<String> status(Arguments arguments) throws BadArgumentException {
    return done(LogMethods.json(tasks.get(arguments.text("correlationId"))));
  }
}
