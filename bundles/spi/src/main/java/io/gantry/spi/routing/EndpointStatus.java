package io.gantry.spi.routing;

/**
 * What an operator sees of one endpoint.
 *
 * @param address its id
 * @param state for example {@code idle}, {@code sending}, {@code backoff}, {@code absent}
 * @param pending messages that wait for it
 * @param pendingBytes what these have together
 * @param delivered messages delivered since the start
 * @param lastProblem why the last delivery failed; empty when it did not
 */
public record EndpointStatus(
    String address,
    String state,
    long pending,
    long pendingBytes,
    long delivered,
    String lastProblem) {}
