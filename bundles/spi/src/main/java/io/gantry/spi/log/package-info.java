/** What modules have logged. */
@Export
@Version("1.0.0")
@NullMarked
package io.gantry.spi.log;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
