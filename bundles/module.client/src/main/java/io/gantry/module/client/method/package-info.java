/** Direct methods that modules answer, and that they call. */
@NullMarked
package io.gantry.module.client.method;

import org.jspecify.annotations.NullMarked;
