/** What HTTP itself asks for: targets, and answers that say what is wrong. */
@NullMarked
package io.gantry.web.http;

import org.jspecify.annotations.NullMarked;
