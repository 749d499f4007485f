/** What a caller of a method asks for. */
@NullMarked
package io.gantry.agent.client.payload;

import org.jspecify.annotations.NullMarked;
