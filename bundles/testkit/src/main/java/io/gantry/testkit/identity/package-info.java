/** A registry of identities in memory. */
@NullMarked
package io.gantry.testkit.identity;

import org.jspecify.annotations.NullMarked;
