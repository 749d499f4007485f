/** A module's settings as configurations that only this module sees. */
@NullMarked
package io.gantry.module.host.configuration;

import org.jspecify.annotations.NullMarked;
