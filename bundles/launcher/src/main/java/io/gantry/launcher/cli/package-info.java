/** The command line: options, usage texts, and the commands that talk to a running instance. */
@NullMarked
package io.gantry.launcher.cli;

import org.jspecify.annotations.NullMarked;
