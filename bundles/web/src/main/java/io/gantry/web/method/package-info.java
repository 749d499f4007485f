/** Direct methods that modules call. */
@NullMarked
package io.gantry.web.method;

import org.jspecify.annotations.NullMarked;
