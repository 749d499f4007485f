/** What is shown to prove who one is, and what keeps secrets. */
@Export
@Version("1.0.0")
@NullMarked
package io.gantry.spi.security;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
