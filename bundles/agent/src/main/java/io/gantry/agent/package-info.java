/** The wiring of the agent. */
@NullMarked
package io.gantry.agent;

import org.jspecify.annotations.NullMarked;
