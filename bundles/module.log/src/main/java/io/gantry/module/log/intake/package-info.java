/** What was logged and is not written yet. */
@NullMarked
package io.gantry.module.log.intake;

import org.jspecify.annotations.NullMarked;
