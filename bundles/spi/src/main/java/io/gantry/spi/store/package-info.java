/** What must survive a power cut: queues, logs, tables, and the disk below them. */
@Export
@Version("1.0.0")
@NullMarked
package io.gantry.spi.store;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
