/** Each module's own door to the hub. */
@NullMarked
package io.gantry.module.client.output;

import org.jspecify.annotations.NullMarked;
