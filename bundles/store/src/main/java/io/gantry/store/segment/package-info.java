/** How records lie in a file, and how they are found again. */
@NullMarked
package io.gantry.store.segment;

import org.jspecify.annotations.NullMarked;
