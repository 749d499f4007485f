/** A clock that the test moves, and executors that the test runs. */
@NullMarked
package io.gantry.testkit.time;

import org.jspecify.annotations.NullMarked;
