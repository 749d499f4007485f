/** What the back end sends to devices. */
@NullMarked
package io.gantry.hub.cloud;

import org.jspecify.annotations.NullMarked;
