package io.gantry.routing.lang;

import io.gantry.spi.routing.EndpointAddress;
import java.util.Optional;

/**
 * A parsed route.
 *
 * @param source what {@code FROM} names, without the trailing star and in lower case
 * @param condition what {@code WHERE} says; empty when it says nothing
 * @param sink what {@code INTO} names
 */
public record Route(String source, Optional<Expression> condition, EndpointAddress sink) {}
