package io.gantry.spi.log;

import java.time.Instant;

/**
 * A line, or several when a stack trace follows, that a module has logged.
 *
 * @param time when
 * @param level severity as syslog numbers it (RFC 5424, 6.2.1): 3 error, 4 warning, 6 information,
 *     7 debug and finer
 * @param text without time and level
 */
public record LogLine(Instant time, int level, String text) {}
