package io.gantry.hub.method;

import io.gantry.api.module.MethodResponse;
import io.gantry.hub.subscriber.Subscriber;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.method.MethodCall;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One call that waits for its target or for its answer. Owned by the executor. */
final class Call {

  private final MethodCall call;
  private final CompletableFuture<MethodResponse> answer;
  private Cancellable timer = () -> {};
  private @Nullable Subscriber target;

  Call(MethodCall call, CompletableFuture<MethodResponse> answer) {
    this.call = call;
    this.answer = answer;
  }

  MethodCall call() {
    return call;
  }

  CompletableFuture<MethodResponse> answer() {
    return answer;
  }

  /** Whoever has it; null while it waits for somebody. */
  @Nullable Subscriber target() {
    return target;
  }

  void handedTo(Subscriber subscriber) {
    target = subscriber;
  }

  /** There is one limit of time at a time. */
  void limit(Cancellable next) {
    timer.cancel();
    timer = next;
  }

  void cancelLimit() {
    timer.cancel();
  }

  @Override
  public String toString() {
    return "Method " + call.request().name() + " of " + call.target();
  }
}
