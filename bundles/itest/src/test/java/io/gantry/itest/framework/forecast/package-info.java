/** What a dry run foretells, and what the deployment then does, seen by the framework. */
@NullMarked
package io.gantry.itest.framework.forecast;

import org.jspecify.annotations.NullMarked;
