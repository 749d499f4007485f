package io.gantry.module.client.output;

import io.gantry.api.message.Message;
import io.gantry.api.module.SendException;
import io.gantry.module.client.connection.ModuleConnection;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.SendResult.Reason;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Sends the messages of one module. Any thread. */
public final class ModuleOutput {

  private static final int MAX_OUTPUT_NAME = 128;

  private final ModuleConnection connection;

  public ModuleOutput(ModuleConnection connection) {
    this.connection = connection;
  }

  /** Sends a message; the stage fails with {@link SendException}. */
  public CompletionStage<Void> send(String output, Message message) {
    if (output.isEmpty() || output.length() > MAX_OUTPUT_NAME || output.contains("/")) {
      return failed(
          "expected an output name of 1 to 128 characters without slash, found '" + output + "'",
          false);
    }
    ClientConnection open;
    try {
      open = connection.open();
    } catch (ConnectionRefusedException refused) {
      return failed(String.valueOf(refused.getMessage()), refused.temporary());
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    open.send(Optional.of(output), message)
        .whenComplete((result, failure) -> answer(done, result, failure));
    return done;
  }

  private void answer(
      CompletableFuture<Void> done, @Nullable SendResult result, @Nullable Throwable failure) {
    if (failure != null) {
      done.completeExceptionally(exception("the hub failed: " + failure, true));
    } else if (result instanceof SendResult.Rejected rejected) {
      boolean retryable =
          rejected.reason() != Reason.TOO_LARGE && rejected.reason() != Reason.INVALID;
      done.completeExceptionally(exception(rejected.text(), retryable));
    } else {
      done.complete(null);
    }
  }

  /** The stage of a message that is refused here. */
  public CompletionStage<Void> failed(String text, boolean retryable) {
    return CompletableFuture.failedFuture(exception(text, retryable));
  }

  private SendException exception(String text, boolean retryable) {
    return new SendException(
        "Sending a message of module " + connection.module() + ": " + text, retryable);
  }
}
