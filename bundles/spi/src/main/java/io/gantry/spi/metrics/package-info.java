/** Counts that an operator can look at. */
@Export
@Version("1.1.0")
@NullMarked
package io.gantry.spi.metrics;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
