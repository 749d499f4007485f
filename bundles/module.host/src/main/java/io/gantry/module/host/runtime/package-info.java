/** The steps of the module runtime, and the books it keeps. */
@NullMarked
package io.gantry.module.host.runtime;

import org.jspecify.annotations.NullMarked;
