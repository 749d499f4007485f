/** A hub that a test of a protocol head holds in its hand. */
@NullMarked
package io.gantry.testkit.session;

import org.jspecify.annotations.NullMarked;
