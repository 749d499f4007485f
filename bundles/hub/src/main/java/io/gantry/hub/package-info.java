/** The local stand-in of IoT Hub. */
@NullMarked
package io.gantry.hub;

import org.jspecify.annotations.NullMarked;
