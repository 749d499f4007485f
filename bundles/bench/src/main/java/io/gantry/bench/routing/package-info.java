/** What it costs to find out where a message goes, and to bring it there. */
@NullMarked
package io.gantry.bench.routing;

import org.jspecify.annotations.NullMarked;
