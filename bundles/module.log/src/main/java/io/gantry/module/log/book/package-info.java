/** All logs together. */
@NullMarked
package io.gantry.module.log.book;

import org.jspecify.annotations.NullMarked;
