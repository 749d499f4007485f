/** Where the key and the certificate of the gateway come from. */
@NullMarked
package io.gantry.security.source;

import org.jspecify.annotations.NullMarked;
