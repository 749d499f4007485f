/** The two directions between a protocol head and the hub. */
@Export
@Version("1.0.0")
@NullMarked
package io.gantry.spi.session;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
