package io.gantry.module.client.connection;

import io.gantry.api.module.RequestException;
import io.gantry.spi.execution.Stages;
import io.gantry.spi.session.ConnectionRefusedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What modules ask for fails with {@link RequestException} and with nothing else. */
public final class Requests {

  private Requests() {}

  /** Asks for something. */
  @FunctionalInterface
  public interface Request<T> {
    /** Does it; may fail at once or later. */
    CompletionStage<T> send() throws Exception;
  }

  /**
   * The answer to a request.
   *
   * @param what is attempted, on what; for the text of failures that are none of the hub's answers
   */
  public static <T> CompletionStage<T> ask(String what, Request<T> request) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    try {
      request
          .send()
          .whenComplete(
              (value, failure) -> {
                if (failure == null) {
                  answer.complete(value);
                } else {
                  answer.completeExceptionally(exception(what, failure));
                }
              });
    } catch (Exception failure) {
      answer.completeExceptionally(exception(what, failure));
    }
    return answer;
  }

  private static RequestException exception(String what, Throwable failure) {
    Throwable cause = Stages.cause(failure);
    if (cause instanceof RequestException answer) {
      return answer;
    }
    String text =
        cause instanceof ConnectionRefusedException
            ? cause.getMessage()
            : "the hub failed: " + cause;
    return new RequestException(503, what + ": " + text);
  }
}
