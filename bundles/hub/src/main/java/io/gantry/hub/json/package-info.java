/** What is said of texts that should be JSON. */
@NullMarked
package io.gantry.hub.json;

import org.jspecify.annotations.NullMarked;
