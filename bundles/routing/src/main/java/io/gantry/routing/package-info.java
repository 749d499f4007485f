/** Routes: compile, evaluate, queue and pump. */
@NullMarked
package io.gantry.routing;

import org.jspecify.annotations.NullMarked;
