package io.gantry.module.host.health;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the modules again and again how they are, as long as one of them has health checks: a
 * gateway whose modules have none pays nothing. The checks are executed on an executor of their
 * own, for they may hang until their time limit. Everything else belongs to the owner.
 */
public final class HealthRounds {

  private static final Logger LOG = LoggerFactory.getLogger(HealthRounds.class);

  /** Whom it is about, and who is told. Called by the owner. */
  public interface Target {

    /** The modules that are to be examined. */
    Collection<Bundle> patients();

    /** What is known of some of them. */
    void examined(Map<Bundle, Verdict> verdicts);
  }

  private final HealthChecks checks;
  private final Duration period;
  private final Scheduler scheduler;
  private final SerialExecutor owner;
  private final SerialExecutor examiner;
  private Cancellable next = () -> {};
  private boolean underWay;
  private boolean again;

  /**
   * @param period how long a round waits after the one before it; zero for no rounds at all
   * @param examiner where checks are waited for
   */
  public HealthRounds(
      HealthChecks checks,
      Duration period,
      Scheduler scheduler,
      SerialExecutor owner,
      SerialExecutor examiner) {
    this.checks = checks;
    this.period = period;
    this.scheduler = scheduler;
    this.owner = owner;
    this.examiner = examiner;
  }

  /** Something has changed: the next round is now. */
  public void soon(Target target) {
    if (period.isZero()) {
      return;
    }
    if (underWay) {
      again = true;
    } else {
      next.cancel();
      begin(target);
    }
  }

  private void begin(Target target) {
    Map<Bundle, Verdict> healthy = new HashMap<>();
    target.patients().forEach(bundle -> healthy.put(bundle, Verdict.HEALTHY));
    List<Bundle> patients = healthy.keySet().stream().filter(HealthChecks::isAnyOf).toList();
    if (patients.isEmpty()) {
      target.examined(healthy);
      return;
    }
    underWay = true;
    again = false;
    examine(patients, false)
        .whenCompleteAsync(
            (verdicts, failure) -> {
              if (failure == null) {
                patients.forEach(healthy::remove);
                healthy.putAll(verdicts);
                tell(target, healthy);
              } else {
                LOG.warn("the health of modules could not be examined", failure);
              }
              end(target);
            },
            owner);
  }

  /** Whatever the target makes of it, there will be another round. */
  private static void tell(Target target, Map<Bundle, Verdict> verdicts) {
    try {
      target.examined(verdicts);
    } catch (RuntimeException | Error e) {
      LOG.error("what the health checks of modules say could not be taken in", e);
    }
  }

  private void end(Target target) {
    underWay = false;
    if (again) {
      begin(target);
      return;
    }
    next =
        scheduler.schedule(
            period,
            () -> {
              try {
                owner.execute(() -> soon(target));
              } catch (RejectedExecutionException e) {
                LOG.debug("no further round after the end");
              }
            });
  }

  /** One of them, now; completes on the examiner's thread. */
  public CompletionStage<Verdict> examine(Bundle bundle) {
    return examine(List.of(bundle), true)
        .thenApply(verdicts -> verdicts.getOrDefault(bundle, Verdict.HEALTHY));
  }

  private CompletionStage<Map<Bundle, Verdict>> examine(List<Bundle> bundles, boolean instantly) {
    CompletableFuture<Map<Bundle, Verdict>> result = new CompletableFuture<>();
    try {
      examiner.execute(
          () -> {
            try {
              result.complete(checks.examine(bundles, instantly));
            } catch (RuntimeException | Error e) {
              result.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(e);
    }
    return result;
  }
}
