/** A module runtime in memory, and test bundles made on the spot. */
@NullMarked
package io.gantry.testkit.module;

import org.jspecify.annotations.NullMarked;
