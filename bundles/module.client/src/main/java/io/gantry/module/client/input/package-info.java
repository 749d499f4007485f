/** Handlers of modules become endpoints. */
@NullMarked
package io.gantry.module.client.input;

import org.jspecify.annotations.NullMarked;
