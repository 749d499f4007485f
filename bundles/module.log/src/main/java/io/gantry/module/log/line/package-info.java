/** How a line stands in a file. */
@NullMarked
package io.gantry.module.log.line;

import org.jspecify.annotations.NullMarked;
