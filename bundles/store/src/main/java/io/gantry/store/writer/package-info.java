/** The one thread that writes: groups what waits, syncs once, answers all. */
@NullMarked
package io.gantry.store.writer;

import org.jspecify.annotations.NullMarked;
