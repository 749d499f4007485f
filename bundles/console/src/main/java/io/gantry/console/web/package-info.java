/** The page in the Web Console, and its login. */
@NullMarked
package io.gantry.console.web;

import org.jspecify.annotations.NullMarked;
