/** The log that all queues share. */
@NullMarked
package io.gantry.store.queue;

import org.jspecify.annotations.NullMarked;
