/** What is to be told of the reported properties. */
@NullMarked
package io.gantry.agent.client.patch;

import org.jspecify.annotations.NullMarked;
