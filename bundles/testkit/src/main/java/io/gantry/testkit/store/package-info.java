/** Stores for tests: in memory, and contracts that every implementation keeps. */
@NullMarked
package io.gantry.testkit.store;

import org.jspecify.annotations.NullMarked;
