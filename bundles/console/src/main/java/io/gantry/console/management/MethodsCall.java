package io.gantry.console.management;

import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.TwinJson;
import io.gantry.spi.method.MethodCall;
import io.gantry.spi.method.Methods;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * {@code /v1/methods}: calls of direct methods. They may wait for minutes, so they leave room for
 * other calls, and end when the gateway does.
 */
final class MethodsCall {

  private static final int LONGEST_PAYLOAD = 256 * 1024;
  private static final int AT_ONCE = 16;

  /** More makes no sense, and less than this no number too large; the hub has limits of its own. */
  private static final long MOST_SECONDS = 86_400;

  private final Gateway gateway;
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final CompletableFuture<MethodResponse> end = new CompletableFuture<>();

  MethodsCall(Gateway gateway) {
    this.gateway = gateway;
  }

  /**
   * Calls the method {@code name} of {@code identity} with the body as payload; waits {@code
   * timeout} seconds for the answer and {@code connectTimeout} for a target that is away.
   */
  void invoke(Call call) throws IOException, ApiException {
    Methods methods =
        gateway
            .methods()
            .orElseThrow(() -> new ApiException(503, "methods are not there: see status"));
    String payload = call.body(LONGEST_PAYLOAD);
    MethodCall wanted =
        new MethodCall(
            call.identity(gateway),
            new MethodRequest(call.required("name"), payload.isBlank() ? "null" : payload),
            seconds(call, "timeout", MethodCall.RESPONSE_TIMEOUT),
            seconds(call, "connectTimeout", Duration.ZERO));
    MethodResponse response = answer(methods, wanted);
    if (response.status() < 200 || response.status() > 299) {
      call.markFailed();
    }
    call.answer(200, TwinJson.answer(response), TwinJson.answerText(response));
  }

  private static Duration seconds(Call call, String name, Duration otherwise) throws ApiException {
    return call.number(name)
        .map(seconds -> Duration.ofSeconds(Math.min(seconds, MOST_SECONDS)))
        .orElse(otherwise);
  }

  private MethodResponse answer(Methods methods, MethodCall wanted) throws ApiException {
    if (!places.tryAcquire()) {
      throw new ApiException(429, AT_ONCE + " methods are being called already; try later");
    }
    try {
      return Outcome.of(methods.invoke(wanted).applyToEither(end, response -> response));
    } finally {
      places.release();
    }
  }

  /** Ends the calls that wait. */
  void close() {
    end.completeExceptionally(new ApiException(503, "the gateway stops"));
  }
}
