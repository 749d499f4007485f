/** Readers that go on with what comes. */
@NullMarked
package io.gantry.module.log.follow;

import org.jspecify.annotations.NullMarked;
