/** What may enter, and what the hub writes on it. */
@NullMarked
package io.gantry.hub.ingress;

import org.jspecify.annotations.NullMarked;
