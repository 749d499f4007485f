/** The server: Netty, and what becomes of a request. */
@NullMarked
package io.gantry.web.server;

import org.jspecify.annotations.NullMarked;
