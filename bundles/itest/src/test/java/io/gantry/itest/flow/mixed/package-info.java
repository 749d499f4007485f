/** A plant of many devices and modules that keeps books on every message. */
@NullMarked
package io.gantry.itest.flow.mixed;

import org.jspecify.annotations.NullMarked;
