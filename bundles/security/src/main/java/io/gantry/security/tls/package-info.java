/** What a TLS handshake asks for, and whom it trusts. */
@NullMarked
package io.gantry.security.tls;

import org.jspecify.annotations.NullMarked;
