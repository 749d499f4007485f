/** What ships, as the unmodified device SDK of Azure IoT for Java meets it. */
@NullMarked
package io.gantry.itest.azure;

import org.jspecify.annotations.NullMarked;
