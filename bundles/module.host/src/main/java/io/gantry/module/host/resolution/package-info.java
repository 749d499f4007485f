/** Which bundles a module needs, found by the OSGi resolver, and why it cannot have them. */
@NullMarked
package io.gantry.module.host.resolution;

import org.jspecify.annotations.NullMarked;
