package io.gantry.agent.client.link;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.agent.client.patch.Absence;
import io.gantry.agent.client.patch.Patch;
import io.gantry.agent.client.patch.TwinDocument;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.Twin;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Stages;
import io.gantry.spi.session.ClientConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the reported properties in the twin equal to what the agent reports. Whatever happens
 * leaves the same task: compare what the agent says now with what the twin is known to hold, and
 * send the difference. So it does not matter what was missed, nor in which order hub and agent
 * come. With each connection the twin is read first: somebody else may have been here.
 *
 * <p>One request at a time is under way, and one a second; what changes meanwhile is one patch.
 * State is owned by the serial executor.
 */
public final class Reporter {

  private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);

  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final SerialExecutor executor;
  private final Scheduler scheduler;
  private final AtomicBoolean told = new AtomicBoolean();

  // Owned by the executor.
  private @Nullable ClientConnection connection;
  private @Nullable Deployments agent;
  private boolean agentHasGone;
  private @Nullable JsonObject known;
  private boolean busy;
  private boolean pausing;
  private boolean failing;
  private Cancellable pauseEnd = () -> {};
  private Duration pause = PAUSE;
  private String refused = "";

  /**
   * @param executor of the owner
   */
  public Reporter(SerialExecutor executor, Scheduler scheduler) {
    this.executor = executor;
    this.scheduler = scheduler;
  }

  /** The agent has come. Any thread. */
  void agentCame(Deployments present) {
    later(
        () -> {
          agent = present;
          tend();
        });
  }

  /** The agent has gone. Any thread. */
  void agentGone(Deployments former) {
    later(
        () -> {
          if (agent == former) {
            agent = null;
            agentHasGone = true;
            tend();
          }
        });
  }

  /** What the agent reports may have changed. Any thread. */
  void changed() {
    if (told.compareAndSet(false, true)) {
      later(
          () -> {
            told.set(false);
            tend();
          });
    }
  }

  /** A connection was opened. By the executor only. */
  void connected(ClientConnection fresh) {
    connection = fresh;
    known = null;
    refused = "";
    busy = false;
    pause = PAUSE;
    endPause();
  }

  /** There is no connection any more. By the executor only. */
  void disconnected() {
    connection = null;
    busy = false;
    pauseEnd.cancel();
  }

  private void tend() {
    ClientConnection open = connection;
    boolean something = agent != null || agentHasGone;
    // When the agent goes, the process may follow within a second.
    if (open == null || busy || !something || pausing && (failing || agent != null)) {
      return;
    }
    JsonObject before = known;
    if (before == null) {
      ask(open, open.twin(), this::twinRead);
      return;
    }
    JsonObject wanted = wanted(before);
    String patch = Patch.between(before, wanted).toString();
    if (!patch.equals("{}") && !patch.equals(refused)) {
      beginPause();
      ask(open, open.report(patch), (version, failure) -> reported(wanted, patch, failure));
    }
  }

  private JsonObject wanted(JsonObject before) {
    Deployments present = agent;
    if (present == null) {
      return Absence.of(before);
    }
    try {
      return TwinDocument.of(JsonParser.parseString(present.reported()).getAsJsonObject());
    } catch (RuntimeException | Error failure) {
      LOG.warn("What the agent reports cannot be had; the status 500 is reported", failure);
      JsonObject status = new JsonObject();
      status.addProperty("code", 500);
      status.addProperty("description", "The state of the agent cannot be told");
      JsonObject failed = before.deepCopy();
      failed.add("lastDesiredStatus", status);
      return failed;
    }
  }

  private <T> void ask(
      ClientConnection open,
      CompletionStage<T> request,
      BiConsumer<@Nullable T, @Nullable Throwable> then) {
    busy = true;
    request.whenComplete(
        (answer, failure) ->
            later(
                () -> {
                  if (connection == open) {
                    busy = false;
                    then.accept(answer, failure);
                    tend();
                  }
                }));
  }

  private void twinRead(@Nullable Twin twin, @Nullable Throwable failure) {
    if (twin == null) {
      LOG.info("The twin of the agent cannot be read yet: {}", text(failure));
      tryLater();
      return;
    }
    known = JsonParser.parseString(twin.reported()).getAsJsonObject();
  }

  private void reported(JsonObject wanted, String patch, @Nullable Throwable failure) {
    Throwable cause = cause(failure);
    if (cause == null) {
      known = wanted;
      refused = "";
      pause = PAUSE;
    } else if (cause instanceof RequestException answer && answer.status() == 400) {
      refused = patch;
      LOG.warn("The hub refuses what the agent reports, until that changes: {}", text(failure));
    } else {
      LOG.info("What the agent reports is not taken yet: {}", text(failure));
      known = null;
      tryLater();
    }
  }

  private static @Nullable Throwable cause(@Nullable Throwable failure) {
    return failure == null ? null : Stages.cause(failure);
  }

  private static String text(@Nullable Throwable failure) {
    return Optional.ofNullable(cause(failure)).map(Throwable::getMessage).orElse("no reason");
  }

  private void tryLater() {
    Duration twice = pause.multipliedBy(2);
    failing = true;
    beginPause();
    pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  private void beginPause() {
    pauseEnd.cancel();
    pausing = true;
    pauseEnd = scheduler.schedule(pause, () -> later(this::endPause));
  }

  private void endPause() {
    pauseEnd.cancel();
    pausing = false;
    failing = false;
    tend();
  }

  private void later(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException stopped) {
      LOG.debug("Stopped already", stopped);
    }
  }
}
