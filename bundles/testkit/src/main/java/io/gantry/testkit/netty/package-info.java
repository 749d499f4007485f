/** What tests of Netty's users share. */
@NullMarked
package io.gantry.testkit.netty;

import org.jspecify.annotations.NullMarked;
