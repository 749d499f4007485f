package io.gantry.console.management;

import io.gantry.api.module.RequestException;
import io.gantry.spi.identity.IdentityException;
import io.gantry.spi.store.StoreException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/** Waits for what a service does, and tells the caller how it failed, with the status that fits. */
final class Outcome {

  private static final int INSUFFICIENT_STORAGE = 507;

  private Outcome() {}

  /** The result, once it is there. */
  static <T> T of(CompletionStage<T> stage) throws ApiException {
    try {
      return stage.toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (InterruptedException e) {
      throw new ApiException(503, "the gateway stops");
    }
  }

  private static ApiException failure(Throwable cause) {
    if (cause instanceof CompletionException && cause.getCause() != null) {
      return failure(cause.getCause());
    }
    if (cause instanceof ApiException refused) {
      return refused;
    }
    if (cause instanceof IdentityException refused) {
      return new ApiException(status(refused.kind()), refused.getMessage());
    }
    if (cause instanceof RequestException refused && isError(refused.status())) {
      return new ApiException(refused.status(), refused.getMessage());
    }
    if (cause instanceof StoreException refused) {
      boolean full = refused.kind() == StoreException.Kind.FULL;
      return new ApiException(full ? INSUFFICIENT_STORAGE : 503, refused.getMessage());
    }
    throw new IllegalStateException("a service failed", cause);
  }

  private static int status(IdentityException.Kind kind) {
    return switch (kind) {
      case NOT_FOUND -> 404;
      case EXISTS -> 409;
      case INVALID -> 400;
      case FULL -> INSUFFICIENT_STORAGE;
    };
  }

  private static boolean isError(int status) {
    return status >= 400 && status <= 599;
  }
}
