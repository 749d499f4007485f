/** What it costs to store a message, beside what the disk costs. */
@NullMarked
package io.gantry.bench.store;

import org.jspecify.annotations.NullMarked;
