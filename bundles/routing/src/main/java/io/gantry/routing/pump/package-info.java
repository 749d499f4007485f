/** One pump for each endpoint: from its queue to its receiver. */
@NullMarked
package io.gantry.routing.pump;

import org.jspecify.annotations.NullMarked;
