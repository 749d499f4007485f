/** What a module author implements and calls. */
@Export
@Version("1.1.0")
@NullMarked
package io.gantry.api.module;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
