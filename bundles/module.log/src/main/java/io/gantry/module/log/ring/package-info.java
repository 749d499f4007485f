/** The files: one ring of segments for each log. */
@NullMarked
package io.gantry.module.log.ring;

import org.jspecify.annotations.NullMarked;
