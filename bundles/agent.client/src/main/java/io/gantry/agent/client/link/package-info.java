/** The connection to the hub, and what is reported over it. */
@NullMarked
package io.gantry.agent.client.link;

import org.jspecify.annotations.NullMarked;
