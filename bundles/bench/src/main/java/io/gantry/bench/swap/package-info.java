/** Modules that are replaced while messages flow, and how long it takes to get them to run. */
@NullMarked
package io.gantry.bench.swap;

import org.jspecify.annotations.NullMarked;
