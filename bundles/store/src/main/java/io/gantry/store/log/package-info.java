/** Logs that keep the newest records within a bound. */
@NullMarked
package io.gantry.store.log;

import org.jspecify.annotations.NullMarked;
