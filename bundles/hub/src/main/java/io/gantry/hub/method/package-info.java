/** Calls of direct methods. */
@NullMarked
package io.gantry.hub.method;

import org.jspecify.annotations.NullMarked;
