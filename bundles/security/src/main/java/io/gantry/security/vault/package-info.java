/** What keeps secrets. */
@NullMarked
package io.gantry.security.vault;

import org.jspecify.annotations.NullMarked;
