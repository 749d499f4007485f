/** Everything that touches bundles: install, resolve, start, stop, uninstall. */
@NullMarked
package io.gantry.module.host.bundle;

import org.jspecify.annotations.NullMarked;
