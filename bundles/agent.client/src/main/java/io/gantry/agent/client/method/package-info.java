/** The direct methods. */
@NullMarked
package io.gantry.agent.client.method;

import org.jspecify.annotations.NullMarked;
