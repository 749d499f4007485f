/** Fakes of direct methods. */
@NullMarked
package io.gantry.testkit.method;

import org.jspecify.annotations.NullMarked;
