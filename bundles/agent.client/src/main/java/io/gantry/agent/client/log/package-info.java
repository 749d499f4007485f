/** Lines of logs, as a caller wants them. */
@NullMarked
package io.gantry.agent.client.log;

import org.jspecify.annotations.NullMarked;
