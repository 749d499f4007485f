/** What bundles log, from the log service. */
@NullMarked
package io.gantry.module.log.entry;

import org.jspecify.annotations.NullMarked;
