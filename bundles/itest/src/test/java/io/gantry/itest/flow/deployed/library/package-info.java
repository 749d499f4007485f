/** What two of the modules share. */
@NullMarked
package io.gantry.itest.flow.deployed.library;

import org.jspecify.annotations.NullMarked;
