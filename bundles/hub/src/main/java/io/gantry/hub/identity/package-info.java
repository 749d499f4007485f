/** Who may connect. */
@NullMarked
package io.gantry.hub.identity;

import org.jspecify.annotations.NullMarked;
