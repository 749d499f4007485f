/** Services that modules register for the runtime to call. */
@NullMarked
package io.gantry.module.client.whiteboard;

import org.jspecify.annotations.NullMarked;
