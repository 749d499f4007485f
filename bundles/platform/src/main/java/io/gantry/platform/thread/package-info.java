/** Serial executors on one small pool. */
@NullMarked
package io.gantry.platform.thread;

import org.jspecify.annotations.NullMarked;
