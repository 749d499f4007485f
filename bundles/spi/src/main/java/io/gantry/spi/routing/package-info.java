/** Where messages go: sources, endpoints, routes and their queues. */
@Export
@Version("1.0.0")
@NullMarked
package io.gantry.spi.routing;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
