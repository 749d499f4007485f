/** A folder whose jars are modules. */
@NullMarked
package io.gantry.module.host.dropin;

import org.jspecify.annotations.NullMarked;
