/** What modules send. */
@NullMarked
package io.gantry.module.client.output;

import org.jspecify.annotations.NullMarked;
