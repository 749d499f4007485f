/** What modules print. */
@NullMarked
package io.gantry.module.log.print;

import org.jspecify.annotations.NullMarked;
