package io.gantry.testkit.method;

import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.spi.method.MethodCall;
import io.gantry.spi.method.Methods;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Answers every call with 200 and the payload of the call, or waits for the test to answer. Safe
 * for use by any number of threads.
 */
public final class FakeMethods implements Methods {

  /** One call, and the answer that its caller waits for. */
  public record Invoked(MethodCall call, CompletableFuture<MethodResponse> answer) {

    /** Answers. */
    public void answer(int status, String payload) {
      answer.complete(new MethodResponse(status, payload));
    }

    /** Fails as the hub does. */
    public void fail(int status) {
      answer.completeExceptionally(new RequestException(status, "refused by the test"));
    }
  }

  private final List<Invoked> invoked = new ArrayList<>();
  private boolean holding;

  /** From now on calls wait for the test to answer them, or are answered at once. */
  public synchronized void hold(boolean hold) {
    holding = hold;
  }

  /** All calls so far, in order. */
  public synchronized List<Invoked> invoked() {
    return List.copyOf(invoked);
  }

  @Override
  public CompletionStage<MethodResponse> invoke(MethodCall call) {
    Invoked one = new Invoked(call, new CompletableFuture<>());
    boolean answer;
    synchronized (this) {
      invoked.add(one);
      answer = !holding;
    }
    if (answer) {
      one.answer(200, call.request().payload());
    }
    return one.answer();
  }
}
