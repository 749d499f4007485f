/** Durable queues, logs and tables on one writer thread. */
@NullMarked
package io.gantry.store;

import org.jspecify.annotations.NullMarked;
