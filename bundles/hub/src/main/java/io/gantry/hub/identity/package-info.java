/** Who may connect, and what is told when that ends. */
@NullMarked
package io.gantry.hub.identity;

import org.jspecify.annotations.NullMarked;
