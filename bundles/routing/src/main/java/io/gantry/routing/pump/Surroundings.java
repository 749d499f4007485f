package io.gantry.routing.pump;

import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RoutedMessage;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;

/**
 * What every pump needs.
 *
 * @param deadLetters where messages go that are not delivered
 * @param mostRefusals so many refusals by a module or a device make a message a dead letter; a
 *     message for {@code $upstream} is tried for ever
 * @param lowerEvery of so many deliveries, one goes to the oldest message of a lower priority
 * @param memoryBytes bound of what waits in memory for one endpoint and priority
 */
public record Surroundings(
    Scheduler scheduler,
    InstantSource clock,
    Drops drops,
    DeadLetterSink deadLetters,
    int mostRefusals,
    int lowerEvery,
    long memoryBytes) {

  /** Takes messages that are not delivered. */
  @FunctionalInterface
  public interface DeadLetterSink {
    /** Keeps one; the stage completes once it is durable. */
    CompletionStage<?> add(
        EndpointAddress address, RoutedMessage message, String reason, int refusals);
  }
}
