/** Who is connected. */
@NullMarked
package io.gantry.hub.session;

import org.jspecify.annotations.NullMarked;
