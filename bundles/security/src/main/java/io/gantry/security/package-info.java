/** Seals secrets, and makes or reads the certificates of the gateway. */
@NullMarked
package io.gantry.security;

import org.jspecify.annotations.NullMarked;
