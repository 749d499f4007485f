package io.gantry.module.client.input;

import io.gantry.api.message.Message;
import io.gantry.api.module.AsyncMessageHandler;
import io.gantry.api.module.MessageHandler;
import io.gantry.api.module.MessageRejectedException;
import io.gantry.api.module.SendException;
import io.gantry.module.client.traffic.Calls;
import io.gantry.spi.execution.Stages;
import io.gantry.spi.routing.Delivery;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A module's handler of either kind. Whatever it does, the outcome is a {@link Delivery}: an error
 * of a module is the module's affair.
 */
final class Handler {

  private static final Logger LOG = LoggerFactory.getLogger(Handler.class);
  private static final int MOST_CAUSES = 16;

  private final String input;
  private final Object service;
  private final Calls calls;

  /**
   * @param input for logs
   * @param service a {@link MessageHandler} or {@link AsyncMessageHandler}
   * @param calls those of it that are under way
   */
  Handler(String input, Object service, Calls calls) {
    this.input = input;
    this.service = service;
    this.calls = calls;
  }

  /** Those that are under way. */
  Calls calls() {
    return calls;
  }

  /** Whether the next message must wait for the answer to this one. */
  boolean isSynchronous() {
    return service instanceof MessageHandler;
  }

  /**
   * Calls the module with its own class loader as the thread's, as it would expect.
   *
   * @param call has begun; it is answered, and then ends
   * @return the answer; null when it comes later
   */
  @Nullable Delivery handle(Waiting call) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(service.getClass().getClassLoader());
    try {
      Message message = call.message().message();
      if (!(service instanceof MessageHandler handler)) {
        return promise(((AsyncMessageHandler) service).onMessage(message), call);
      }
      handler.onMessage(message);
      return answer(call, Delivery.Accepted.INSTANCE);
    } catch (Throwable failure) {
      return answer(call, outcome(failure));
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private @Nullable Delivery promise(@Nullable CompletionStage<?> answer, Waiting call) {
    if (answer == null) {
      throw new IllegalStateException(
          "expected a stage from " + service.getClass().getName() + ".onMessage, found null");
    }
    call.promised();
    answer.whenComplete(
        (ignored, failure) ->
            answer(call, failure == null ? Delivery.Accepted.INSTANCE : outcome(failure)));
    return null;
  }

  /** In this order, so that whoever waits for the calls finds all of them answered. */
  private Delivery answer(Waiting call, Delivery delivery) {
    call.complete(delivery);
    calls.end(call);
    return delivery;
  }

  private Delivery outcome(Throwable failure) {
    Throwable cause = Stages.cause(failure);
    if (cause instanceof MessageRejectedException) {
      return new Delivery.Rejected(String.valueOf(cause.getMessage()));
    }
    LOG.warn("{} did not take a message; it is delivered again after a pause", input, cause);
    return isOurs(cause)
        ? new Delivery.Deferred("what the handler sent was refused: " + cause.getMessage())
        : new Delivery.Retry("the handler failed: " + cause);
  }

  /** A store that is full must not make dead letters of messages that a module passes on. */
  private static boolean isOurs(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++) {
      if (cause instanceof SendException refusal) {
        return refusal.retryable();
      }
      cause = cause.getCause();
    }
    return false;
  }
}
