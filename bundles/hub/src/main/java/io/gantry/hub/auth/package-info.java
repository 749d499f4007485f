/** Whether a client is who it says. */
@NullMarked
package io.gantry.hub.auth;

import org.jspecify.annotations.NullMarked;
