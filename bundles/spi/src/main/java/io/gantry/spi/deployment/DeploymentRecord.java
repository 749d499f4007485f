package io.gantry.spi.deployment;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A deployment that was made or tried.
 *
 * @param number counts up
 * @param state how far it came
 * @param origin why it was made, for a person: {@code deployed}, {@code undo of 7}, {@code rollback
 *     of 7}
 * @param takenAt when its manifest was taken
 * @param endedAt when it got its state; empty while it is pending
 * @param description what went wrong, or is being waited for; empty when all is well
 * @param modules version of each module, where it is known
 */
public record DeploymentRecord(
    long number,
    State state,
    String origin,
    Instant takenAt,
    Optional<Instant> endedAt,
    String description,
    SortedMap<String, String> modules) {

  /** How far a deployment came. */
  public enum State {
    /** It is being prepared; nothing has been touched. */
    PENDING,
    /** It is what the gateway does now. */
    IN_FORCE,
    /** It was in force before another one. */
    REPLACED,
    /** It could not be prepared; nothing was touched. */
    REFUSED,
    /** Somebody gave it up. */
    CANCELLED,
    /** It was in force, was not healthy in time, and the one before came back. */
    ROLLED_BACK
  }

  public DeploymentRecord {
    modules = new TreeMap<>((Map<String, String>) modules);
  }
}
