/** How long a start takes, and how much memory there is in use afterwards. */
@NullMarked
package io.gantry.bench.start;

import org.jspecify.annotations.NullMarked;
