/** Certificates and private keys as text. */
@NullMarked
package io.gantry.security.pem;

import org.jspecify.annotations.NullMarked;
