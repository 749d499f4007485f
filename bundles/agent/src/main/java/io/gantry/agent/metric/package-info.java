/** What monitoring reads of the agent. */
@NullMarked
package io.gantry.agent.metric;

import org.jspecify.annotations.NullMarked;
