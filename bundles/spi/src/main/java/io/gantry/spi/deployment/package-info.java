/** What shall run: deployment manifests, their outcome and their report. */
@Export
@Version("1.0.0")
@NullMarked
package io.gantry.spi.deployment;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
