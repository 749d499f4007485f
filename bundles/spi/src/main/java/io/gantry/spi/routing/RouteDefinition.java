package io.gantry.spi.routing;

/**
 * A route as the deployment manifest declares it.
 *
 * @param name its name in the manifest
 * @param text the route, for example {@code FROM /messages/* INTO $upstream}
 */
public record RouteDefinition(String name, String text) {}
