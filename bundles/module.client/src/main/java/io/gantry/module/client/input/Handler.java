package io.gantry.module.client.input;

import io.gantry.api.message.Message;
import io.gantry.api.module.AsyncMessageHandler;
import io.gantry.api.module.MessageHandler;
import io.gantry.api.module.MessageRejectedException;
import io.gantry.api.module.SendException;
import io.gantry.spi.routing.Delivery;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
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

  /**
   * @param input for logs
   * @param service a {@link MessageHandler} or {@link AsyncMessageHandler}
   */
  Handler(String input, Object service) {
    this.input = input;
    this.service = service;
  }

  /** Whether the next message must wait for the answer to this one. */
  boolean isSynchronous() {
    return service instanceof MessageHandler;
  }

  /** Calls the module with its own class loader as the thread's, as it would expect. */
  CompletionStage<Delivery> handle(Message message) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(service.getClass().getClassLoader());
    try {
      return call(message);
    } catch (Throwable failure) {
      return CompletableFuture.completedFuture(outcome(failure));
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private CompletionStage<Delivery> call(Message message) throws Exception {
    if (service instanceof MessageHandler handler) {
      handler.onMessage(message);
      return CompletableFuture.completedFuture(Delivery.Accepted.INSTANCE);
    }
    CompletionStage<?> answer = ((AsyncMessageHandler) service).onMessage(message);
    if (answer == null) {
      throw new IllegalStateException(
          "expected a stage from " + service.getClass().getName() + ".onMessage, found null");
    }
    return answer.handle(
        (ignored, failure) -> failure == null ? Delivery.Accepted.INSTANCE : outcome(failure));
  }

  private Delivery outcome(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
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
