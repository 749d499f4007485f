/** The clock's companion: delays. */
@NullMarked
package io.gantry.platform.time;

import org.jspecify.annotations.NullMarked;
