/** The components of the runtime that could not be activated. */
@NullMarked
package io.gantry.console.component;

import org.jspecify.annotations.NullMarked;
