package io.gantry.web.server;

import io.gantry.api.module.RequestException;
import io.gantry.spi.execution.Stages;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that somebody else does for a request. A client that hangs up meanwhile is forgotten at
 * once, however long the work goes on. Event loop only.
 */
final class Work<T> implements BiConsumer<@Nullable T, @Nullable Throwable> {

  private static final Logger LOG = LoggerFactory.getLogger(Work.class);

  private @Nullable Consumer<T> done;
  private @Nullable Consumer<RequestException> refused;

  private final Runnable broken;

  /**
   * @param broken what is left to do when one of the others has a bug
   */
  Work(Consumer<T> done, Consumer<RequestException> refused, Runnable broken) {
    this.done = done;
    this.refused = refused;
    this.broken = broken;
  }

  /** Nobody wants to know any more. */
  void forget() {
    done = null;
    refused = null;
  }

  @Override
  public void accept(@Nullable T result, @Nullable Throwable problem) {
    Consumer<T> whenDone = done;
    Consumer<RequestException> whenRefused = refused;
    forget();
    if (whenDone == null || whenRefused == null) {
      return;
    }
    try {
      if (problem == null) {
        whenDone.accept(result);
      } else {
        whenRefused.accept(reason(problem));
      }
    } catch (RuntimeException bug) {
      LOG.error("HTTPS: a request failed; its connection ends", bug);
      broken.run();
    }
  }

  private static RequestException reason(Throwable problem) {
    Throwable cause = Stages.cause(problem);
    if (cause instanceof RequestException refused) {
      return refused;
    }
    LOG.error("HTTPS: a request failed", cause);
    return new RequestException(500, "the gateway failed; its log tells why");
  }
}
