package io.gantry.module.client.method;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.api.module.MethodHandler;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.traffic.Call;
import io.gantry.module.client.traffic.Calls;
import io.gantry.module.client.traffic.Line;
import io.gantry.module.client.whiteboard.Candidate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the direct methods of one module, one after another in a line of its own, so that a
 * handler that hangs holds up this module and nobody else. Statuses are those of Azure's SDKs: 501
 * for a method that no handler answers, 500 for a handler that failed, whose reason is for the log
 * and not for the caller.
 */
final class ModuleMethods implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModuleMethods.class);

  /** IoT Hub, limits of direct methods. */
  private static final int MOST_BYTES = 128 * 1024;

  /** No caller waits for longer (IoT Hub, response timeout). */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(300);

  /** Behind a handler that hangs, calls must not pile up for ever. */
  private static final int MOST_WAITING = 64;

  private static final MethodResponse FAILED =
      new MethodResponse(500, "{\"message\":\"The module failed to answer; its log says why.\"}");

  private static final MethodResponse UNKNOWN =
      new MethodResponse(501, "{\"message\":\"The module has no such method.\"}");

  private final ModuleConnections.Use use;
  private final Line line;
  private final InstantSource clock;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile List<Named> handlers = List.of();

  /**
   * @param use becomes ours
   * @param line becomes ours
   */
  ModuleMethods(ModuleConnections.Use use, Line line, InstantSource clock) {
    this.use = use;
    this.line = line;
    this.clock = clock;
  }

  /**
   * From now on these answer; without one the module is for callers not there. Called by one thread
   * at a time.
   */
  void serve(List<Candidate<MethodHandler>> now) {
    boolean before = !handlers.isEmpty();
    handlers = Named.inOrder(now);
    if (before != !now.isEmpty()) {
      use.connection().answer(before ? null : this::invoke);
    }
  }

  /** One that answers no more is not there any more; nobody waits for it if it hangs. */
  void gone(Candidate<MethodHandler> former) {
    if (former.calls().isInside()) {
      line.giveUp();
    }
  }

  private CompletionStage<MethodResponse> invoke(MethodRequest request) {
    CompletableFuture<MethodResponse> answer = new CompletableFuture<>();
    if (waiting.incrementAndGet() > MOST_WAITING) {
      waiting.decrementAndGet();
      refuse(answer, request, 429, MOST_WAITING + " calls are waiting already");
      return answer;
    }
    Instant since = clock.instant();
    try {
      line.execute(() -> run(request, since, answer));
    } catch (RejectedExecutionException gone) {
      refuse(answer, request, 404, "it answers no methods any more");
    }
    return answer;
  }

  private void run(MethodRequest request, Instant since, CompletableFuture<MethodResponse> answer) {
    waiting.decrementAndGet();
    if (clock.instant().isAfter(since.plus(LONGEST_WAIT))) {
      refuse(answer, request, 504, "it was busy for more than " + LONGEST_WAIT.toSeconds() + " s");
      return;
    }
    List<Named> asked;
    do {
      asked = handlers;
    } while (!isAnswered(asked, request, answer));
  }

  /** False when others answer by now; then nobody was asked. */
  private boolean isAnswered(
      List<Named> asked, MethodRequest request, CompletableFuture<MethodResponse> answer) {
    Optional<Candidate<MethodHandler>> handler = Named.find(asked, request.name());
    if (handler.isEmpty()) {
      if (asked.isEmpty()) {
        refuse(answer, request, 404, "it answers no methods any more");
      } else {
        answer.complete(UNKNOWN);
      }
      return true;
    }
    Calls calls = handler.get().calls();
    Call call = new Call("method " + request.name());
    calls.begin(call);
    boolean same = handlers == asked;
    if (same) {
      answer.complete(answer(handler.get(), request));
    }
    calls.end(call);
    return same;
  }

  private void refuse(
      CompletableFuture<MethodResponse> answer, MethodRequest request, int status, String why) {
    answer.completeExceptionally(
        new RequestException(
            status,
            "Calling " + request.name() + " of module " + use.connection().module() + ": " + why));
  }

  private MethodResponse answer(Candidate<MethodHandler> handler, MethodRequest request) {
    try {
      return checked(handler.call(service -> service.onMethod(request)));
    } catch (Throwable failure) {
      LOG.warn(
          "Module {} failed to answer {}; the caller gets {}",
          use.connection().module(),
          request.name(),
          FAILED.status(),
          failure);
      return FAILED;
    }
  }

  private static MethodResponse checked(@Nullable MethodResponse response) {
    if (response == null) {
      throw new IllegalStateException("expected a response, found null");
    }
    int bytes = response.payload().getBytes(UTF_8).length;
    if (bytes > MOST_BYTES) {
      throw new IllegalStateException(
          "payload: expected at most " + MOST_BYTES + " bytes, found " + bytes);
    }
    return response;
  }

  /** Nothing is answered any more. Waits for nobody: a handler may hang. */
  @Override
  public void close() {
    handlers = List.of();
    use.connection().answer(null);
    use.close();
    line.close();
  }
}
