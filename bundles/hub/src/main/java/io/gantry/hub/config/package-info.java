/** The desired properties of $edgeHub. */
@NullMarked
package io.gantry.hub.config;

import org.jspecify.annotations.NullMarked;
