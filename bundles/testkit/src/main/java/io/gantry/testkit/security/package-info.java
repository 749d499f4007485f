/** Fakes of what proves who one is. */
@NullMarked
package io.gantry.testkit.security;

import org.jspecify.annotations.NullMarked;
