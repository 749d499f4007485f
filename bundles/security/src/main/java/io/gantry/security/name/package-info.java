/** What the gateway is called. */
@NullMarked
package io.gantry.security.name;

import org.jspecify.annotations.NullMarked;
