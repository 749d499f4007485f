/** What is desired of devices and modules, and what they report. */
@NullMarked
package io.gantry.hub.twin;

import org.jspecify.annotations.NullMarked;
