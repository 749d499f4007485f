/** The programs that are measured, each started as a process with a folder of its own. */
@NullMarked
package io.gantry.bench.process;

import org.jspecify.annotations.NullMarked;
