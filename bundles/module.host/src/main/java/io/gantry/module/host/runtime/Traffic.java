package io.gantry.module.host.runtime;

import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.module.ModuleTraffic;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which generation of a module is given what comes in, and remembers it: who decides that may
 * come later than the modules, or be another one later on, and is told again. Without one nobody is
 * told, and nothing is waited for. Belongs to the runtime's serial executor.
 */
final class Traffic {

  private static final Logger LOG = LoggerFactory.getLogger(Traffic.class);

  private final OwnerTimer timer;
  private final Duration limit;
  private final Duration meetingLimit;
  private final Map<String, Optional<ModuleLocation>> said = new TreeMap<>();
  private @Nullable ModuleTraffic service;
  private AutoCloseable listening = () -> {};

  /**
   * @param limit how long one who is given nothing any more may take to answer what it was given
   * @param meetingLimit how long the handlers of a module may take to be made
   */
  Traffic(OwnerTimer timer, Duration limit, Duration meetingLimit) {
    this.timer = timer;
    this.limit = limit;
    this.meetingLimit = meetingLimit;
  }

  /** This one is told from now on, and at once what was said before. */
  void use(ModuleTraffic present, ModuleTraffic.Listener listener) {
    stopListening();
    service = present;
    said.forEach((module, generation) -> tell(traffic -> say(traffic, module, generation)));
    listening = present.listen(listener);
  }

  /** It has gone; whether it was the one in use. */
  boolean leave(ModuleTraffic gone) {
    if (service != gone) {
      return false;
    }
    stopListening();
    service = null;
    return true;
  }

  private void stopListening() {
    try {
      listening.close();
    } catch (Exception e) {
      LOG.debug("what has gone cannot be left", e);
    }
    listening = () -> {};
  }

  /**
   * Completes when the handlers of this generation are known to those who will call them; with a
   * sentence when one of them cannot be had.
   */
  CompletionStage<Optional<String>> meet(ModuleLocation generation) {
    ModuleTraffic present = service;
    if (present == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    CompletableFuture<Optional<String>> met = present.meet(generation).toCompletableFuture();
    return timer
        .within(meetingLimit, met)
        .thenApply(
            inTime ->
                inTime
                    ? met.join()
                    : Optional.of(
                        "its handlers were not made within " + meetingLimit.toSeconds() + " s"));
  }

  /**
   * From now on this generation is given what comes in.
   *
   * @return completes when the others have answered; perhaps never
   */
  CompletionStage<Void> serve(ModuleLocation generation) {
    return say(generation.module(), Optional.of(generation));
  }

  /** What comes in waits; completes as {@link #serve} does. */
  CompletionStage<Void> hold(String module) {
    return say(module, Optional.empty());
  }

  void forget(String module) {
    said.remove(module);
    tell(
        traffic -> {
          traffic.forget(module);
          return CompletableFuture.completedFuture(null);
        });
  }

  /**
   * Waits until all is answered, but not longer than the limit.
   *
   * @param who who has to answer, for the log
   */
  CompletionStage<Void> drained(CompletionStage<Void> answered, String who) {
    return timer
        .within(limit, answered)
        .thenAccept(
            inTime -> {
              if (!inTime) {
                LOG.warn(
                    "module {} has not answered all it was given within {} s; it is not waited for"
                        + " any longer",
                    who,
                    limit.toSeconds());
              }
            });
  }

  private CompletionStage<Void> say(String module, Optional<ModuleLocation> generation) {
    said.put(module, generation);
    return tell(traffic -> say(traffic, module, generation));
  }

  private static CompletionStage<Void> say(
      ModuleTraffic traffic, String module, Optional<ModuleLocation> generation) {
    return generation.map(traffic::serve).orElseGet(() -> traffic.hold(module));
  }

  private CompletionStage<Void> tell(Function<ModuleTraffic, CompletionStage<Void>> what) {
    ModuleTraffic present = service;
    if (present == null) {
      return CompletableFuture.completedFuture(null);
    }
    try {
      return what.apply(present);
    } catch (RuntimeException e) {
      LOG.warn("who is served cannot be said", e);
      return CompletableFuture.completedFuture(null);
    }
  }
}
