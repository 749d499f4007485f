/** What it costs to find out where a message goes. */
@NullMarked
package io.gantry.bench.routing;

import org.jspecify.annotations.NullMarked;
