/** What putting a module in place would mean for the others, told before anything is touched. */
@NullMarked
package io.gantry.module.host.forecast;

import org.jspecify.annotations.NullMarked;
