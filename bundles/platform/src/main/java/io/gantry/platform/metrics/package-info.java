/** Counts of what was lost. */
@NullMarked
package io.gantry.platform.metrics;

import org.jspecify.annotations.NullMarked;
