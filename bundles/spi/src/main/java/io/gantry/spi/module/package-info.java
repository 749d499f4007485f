/** The engine room: resolve, install, start, watch and remove module bundles. */
@Export
@Version("1.0.0")
@NullMarked
package io.gantry.spi.module;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
