package io.gantry.routing.lang;

import io.gantry.spi.routing.EndpointAddress;
import java.util.Optional;

/**
 * A parsed route.
 *
 * @param source what {@code FROM} names
 * @param condition what {@code WHERE} says; empty when it says nothing
 * @param sink what {@code INTO} names
 */
public record Route(Source source, Optional<Expression> condition, EndpointAddress sink) {}
