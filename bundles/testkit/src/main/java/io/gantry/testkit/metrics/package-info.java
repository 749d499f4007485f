/** Figures whose values a test can ask for. */
@NullMarked
package io.gantry.testkit.metrics;

import org.jspecify.annotations.NullMarked;
