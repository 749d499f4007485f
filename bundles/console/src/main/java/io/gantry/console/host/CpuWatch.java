package io.gantry.console.host;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.metrics.Summary;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Looks once a minute how much of the machine's processors this process has used since. What it has
 * seen belongs to its executor.
 */
public final class CpuWatch implements AutoCloseable {

  private static final Duration PERIOD = Duration.ofMinutes(1);

  private final Supplier<Optional<Duration>> used;
  private final Summary percent;
  private final SerialExecutor executor;
  private final Scheduler scheduler;
  private final InstantSource time;
  private volatile Cancellable next = () -> {};
  private Optional<Look> last = Optional.empty();

  private record Look(Instant at, Duration used) {}

  /**
   * Begins to look.
   *
   * @param used how much processor time this process has used so far
   * @param executor its own, closed with it
   */
  public CpuWatch(
      Metrics metrics,
      Supplier<Optional<Duration>> used,
      SerialExecutor executor,
      Scheduler scheduler,
      InstantSource time) {
    this.used = used;
    this.executor = executor;
    this.scheduler = scheduler;
    this.time = time;
    percent =
        metrics.summary(
            "edgeAgent_used_cpu_percent",
            "Share of all processors that this process with its modules has used within a minute.",
            "module_name");
    lookSoon();
  }

  private void lookSoon() {
    // The watch may have ended while this was on its way.
    executor.offer(this::look);
  }

  private void look() {
    Instant now = time.instant();
    Optional<Look> seen = used.get().map(duration -> new Look(now, duration));
    if (last.isPresent() && seen.isPresent()) {
      tell(last.get(), seen.get());
    }
    last = seen;
    next = scheduler.schedule(PERIOD, this::lookSoon);
  }

  /** Not when the clock was set meanwhile: nobody knows then how long it was. */
  private void tell(Look before, Look now) {
    double passed = Duration.between(before.at(), now.at()).toMillis();
    if (passed > PERIOD.toMillis() / 2.0 && passed < PERIOD.toMillis() * 2.0) {
      double worked = now.used().minus(before.used()).toMillis();
      int processors = Runtime.getRuntime().availableProcessors();
      percent.observe(100 * worked / passed / processors, HostMetrics.PROCESS);
    }
  }

  @Override
  public void close() {
    executor.close();
    next.cancel();
  }
}
