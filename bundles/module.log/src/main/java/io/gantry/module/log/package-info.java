/** What each module logs, in a ring of bounded size on disk. */
@NullMarked
package io.gantry.module.log;

import org.jspecify.annotations.NullMarked;
