/** A device on Azure's SDK. */
@NullMarked
package io.gantry.sample.device;

import org.jspecify.annotations.NullMarked;
