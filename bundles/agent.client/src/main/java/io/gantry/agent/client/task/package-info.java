/** Work that goes on after its call was answered. */
@NullMarked
package io.gantry.agent.client.task;

import org.jspecify.annotations.NullMarked;
