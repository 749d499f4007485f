/** Modules of this JVM as clients of the hub. */
@NullMarked
package io.gantry.module.client;

import org.jspecify.annotations.NullMarked;
