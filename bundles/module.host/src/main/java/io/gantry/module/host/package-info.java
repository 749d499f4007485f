/** Fetches, installs, starts, watches and removes module bundles. */
@NullMarked
package io.gantry.module.host;

import org.jspecify.annotations.NullMarked;
