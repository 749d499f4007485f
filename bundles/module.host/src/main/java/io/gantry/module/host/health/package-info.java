/** Whether modules that run are well, by their own account. */
@NullMarked
package io.gantry.module.host.health;

import org.jspecify.annotations.NullMarked;
