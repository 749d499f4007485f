/** Lets high temperatures pass. */
@NullMarked
package io.gantry.sample.filter;

import org.jspecify.annotations.NullMarked;
