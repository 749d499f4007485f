/** Direct methods as the back end sees them. */
@Export
@Version("1.0.0")
@NullMarked
package io.gantry.spi.method;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
