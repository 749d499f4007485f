/** Streams of bytes in WebSockets. */
@NullMarked
package io.gantry.web.stream;

import org.jspecify.annotations.NullMarked;
