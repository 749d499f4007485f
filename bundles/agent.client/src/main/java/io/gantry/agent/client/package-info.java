/** The agent as a client of the hub: its reported properties and direct methods. */
@NullMarked
package io.gantry.agent.client;

import org.jspecify.annotations.NullMarked;
