/** What the gateway is doing, read from the services that are there, as text and as JSON. */
@NullMarked
package io.gantry.console.status;

import org.jspecify.annotations.NullMarked;
