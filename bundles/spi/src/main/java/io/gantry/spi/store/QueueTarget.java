package io.gantry.spi.store;

/**
 * A queue that a record is appended to, and how long it is worth anything there. The store keeps
 * the moment beside the record and hands it to the reader, who decides.
 *
 * @param queue its name, 1 to 256 characters
 * @param expiresAt seconds since 1970 up to the year 2106, or {@link #NEVER}
 */
public record QueueTarget(String queue, long expiresAt) {

  /** Worth something for ever. */
  public static final long NEVER = Long.MAX_VALUE;

  public QueueTarget {
    if (expiresAt < 0) {
      throw new IllegalArgumentException(
          "Target " + queue + ": expected a moment since 1970, found " + expiresAt + " s");
    }
  }

  /** A queue where the record is worth something for ever. */
  public static QueueTarget of(String queue) {
    return new QueueTarget(queue, NEVER);
  }
}
