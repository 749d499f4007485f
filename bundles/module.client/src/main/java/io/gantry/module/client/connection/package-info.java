/** The one connection of each module to the hub. */
@NullMarked
package io.gantry.module.client.connection;

import org.jspecify.annotations.NullMarked;
