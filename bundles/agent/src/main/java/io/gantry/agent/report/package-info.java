/** What operators and back ends see. */
@NullMarked
package io.gantry.agent.report;

import org.jspecify.annotations.NullMarked;
