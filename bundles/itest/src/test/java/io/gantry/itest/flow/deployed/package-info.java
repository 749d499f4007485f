/** Modules that say what they were made of, and the repositories they come from. */
@NullMarked
package io.gantry.itest.flow.deployed;

import org.jspecify.annotations.NullMarked;
