/** How many clients there may be, and how long they may take. */
@NullMarked
package io.gantry.web.connection;

import org.jspecify.annotations.NullMarked;
