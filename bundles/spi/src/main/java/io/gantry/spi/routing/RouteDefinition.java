package io.gantry.spi.routing;

import java.time.Duration;
import java.util.Optional;

/**
 * A route as the deployment manifest declares it.
 *
 * @param name its name in the manifest
 * @param text the route, for example {@code FROM /messages/* INTO $upstream}
 * @param priority 0 to 9, 0 goes first; {@link #NO_PRIORITY} goes behind all of them
 * @param timeToLive how long a message may wait for its receiver; empty is for ever
 * @param durable whether messages are safe on disk before they are acknowledged; otherwise they
 *     wait in memory, and what waits is lost when the process ends
 */
public record RouteDefinition(
    String name, String text, int priority, Optional<Duration> timeToLive, boolean durable) {

  /** The priority of a route that declares none. */
  public static final int NO_PRIORITY = 10;

  public RouteDefinition {
    if (priority < 0 || priority > NO_PRIORITY) {
      throw new IllegalArgumentException(
          "route '" + name + "': expected a priority from 0 to 9, found " + priority);
    }
  }

  /** A durable route without priority, whose messages wait for ever. */
  public RouteDefinition(String name, String text) {
    this(name, text, NO_PRIORITY, Optional.empty(), true);
  }
}
