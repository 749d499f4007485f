/** Receivers for tests. */
@NullMarked
package io.gantry.testkit.routing;

import org.jspecify.annotations.NullMarked;
