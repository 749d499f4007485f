package io.gantry.spi.routing;

import java.time.Instant;

/**
 * What a route made of a message that passed.
 *
 * @param time when the hub accepted the message
 * @param sender id of the authenticated sender
 * @param source a text made by {@link MessageSource}
 * @param explanation whether the route fires for it, and why
 */
public record RouteHistory(
    Instant time, String sender, String source, RouteExplanation explanation) {}
