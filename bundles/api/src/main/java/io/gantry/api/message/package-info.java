/** What travels between devices, modules and the cloud. */
@Export
@Version("1.1.0")
@NullMarked
package io.gantry.api.message;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
