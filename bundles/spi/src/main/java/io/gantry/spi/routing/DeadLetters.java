package io.gantry.spi.routing;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Messages that their receiver has rejected, or refused so often that it would for ever. They are
 * kept in a bounded, durable log until somebody replays or purges them. Safe for use by any number
 * of threads.
 */
@ProviderType
public interface DeadLetters {

  /**
   * One of them.
   *
   * @param sequence counts up; there are gaps
   * @param time when it was given up
   * @param endpoint id of the address that it was to go to
   * @param reason what the receiver said last
   * @param refusals how often it was refused
   * @param message the message as it was routed
   */
  record DeadLetter(
      long sequence,
      Instant time,
      String endpoint,
      String reason,
      int refusals,
      RoutedMessage message) {}

  /** Reads from a sequence number on, the oldest first, at most so many. */
  List<DeadLetter> read(long from, int max) throws IOException;

  /**
   * Puts one back into the queue of its endpoint, behind what waits there.
   *
   * @return completes with true once it is durable there and gone here, with false when there is no
   *     such dead letter; fails with {@code StoreException}. A crash in between may leave it in
   *     both
   */
  CompletionStage<Boolean> replay(long sequence);

  /**
   * Forgets them, up to and including a sequence number.
   *
   * @return completes once that is durable, with how many there were; fails with {@code
   *     StoreException}
   */
  CompletionStage<Long> purge(long upTo);
}
