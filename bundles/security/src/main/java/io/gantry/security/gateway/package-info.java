/** The certificates that are shown now, and their renewal. */
@NullMarked
package io.gantry.security.gateway;

import org.jspecify.annotations.NullMarked;
