/** {@code gantry run}: the data folder, the framework, readiness, and the way out. */
@NullMarked
package io.gantry.launcher.run;

import org.jspecify.annotations.NullMarked;
