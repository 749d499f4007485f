/** The code of the modules of these tests; each class becomes part of bundles of its own. */
@NullMarked
package io.gantry.itest.framework.forecast.module;

import org.jspecify.annotations.NullMarked;
