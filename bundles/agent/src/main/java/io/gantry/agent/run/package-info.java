/** What the agent knows of each module, and the steps it has under way. */
@NullMarked
package io.gantry.agent.run;

import org.jspecify.annotations.NullMarked;
