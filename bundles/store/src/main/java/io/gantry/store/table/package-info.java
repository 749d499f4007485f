/** Small maps that survive. */
@NullMarked
package io.gantry.store.table;

import org.jspecify.annotations.NullMarked;
