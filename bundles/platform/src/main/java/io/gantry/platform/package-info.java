/** The one clock, the one scheduler, the one pool of threads, the one door for losses. */
@NullMarked
package io.gantry.platform;

import org.jspecify.annotations.NullMarked;
