package io.gantry.spi.routing;

import io.gantry.api.message.Message;
import io.gantry.spi.identity.Identity;
import java.time.Instant;

/**
 * A message on its way through the routes.
 *
 * @param source a text made by {@link MessageSource}
 * @param sender the authenticated sender
 * @param enqueuedTime when the hub accepted it
 * @param message with all system properties that the hub sets
 */
public record RoutedMessage(
    String source, Identity sender, Instant enqueuedTime, Message message) {}
