/** Reads a deployment manifest, strictly and with bounds. */
@NullMarked
package io.gantry.agent.manifest;

import org.jspecify.annotations.NullMarked;
