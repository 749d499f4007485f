package io.gantry.spi.deployment;

import java.time.Instant;
import java.util.Optional;

/**
 * What an operator sees of one module.
 *
 * @param name its name in the manifest
 * @param status {@code running}, {@code stopped}, {@code failed}, {@code backoff}, {@code
 *     unhealthy}, {@code downloading} or {@code unknown}
 * @param version the bundle version that is installed; empty when none is
 * @param since when it got this status or, if it runs, was started; empty when never started
 * @param restarts restarts that the restart policy has made since the module was last healthy
 * @param lastError why it last failed; empty when it did not
 * @param image as declared
 * @param description the status for a person
 */
public record ModuleReport(
    String name,
    String status,
    Optional<String> version,
    Optional<Instant> since,
    int restarts,
    Optional<String> lastError,
    String image,
    String description) {}
