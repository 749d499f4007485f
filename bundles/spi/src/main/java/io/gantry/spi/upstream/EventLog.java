package io.gantry.spi.upstream;

import io.gantry.api.message.Message;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What reached {@code $upstream} of a gateway that has no upstream: a bounded, durable log, oldest
 * first. Safe for use by any number of threads.
 */
@ProviderType
public interface EventLog {

  /**
   * One message in the log.
   *
   * @param sequence counts up by one
   * @param enqueuedTime when the hub accepted it
   * @param message with its system properties
   */
  record Event(long sequence, Instant enqueuedTime, Message message) {}

  /** Reads from a sequence number on (or from the oldest kept), at most so many. */
  List<Event> read(long from, int max) throws IOException;

  /** Sequence number of the oldest event still kept. */
  long first();

  /** Sequence number that the next event will get. */
  long next();

  /** Calls the listener after events were added, on a thread that must not be blocked. */
  AutoCloseable onAppend(Runnable listener);
}
