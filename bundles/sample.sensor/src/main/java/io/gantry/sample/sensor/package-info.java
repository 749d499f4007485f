/** A simulated temperature sensor. */
@NullMarked
package io.gantry.sample.sensor;

import org.jspecify.annotations.NullMarked;
