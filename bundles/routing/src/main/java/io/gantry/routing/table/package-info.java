/** The compiled routes, immutable and swapped whole. */
@NullMarked
package io.gantry.routing.table;

import org.jspecify.annotations.NullMarked;
