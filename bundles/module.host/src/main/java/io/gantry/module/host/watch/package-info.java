/** What modules do without being asked. */
@NullMarked
package io.gantry.module.host.watch;

import org.jspecify.annotations.NullMarked;
