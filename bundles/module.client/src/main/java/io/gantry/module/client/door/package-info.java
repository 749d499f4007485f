/** Each module's own door to the hub. */
@NullMarked
package io.gantry.module.client.door;

import org.jspecify.annotations.NullMarked;
