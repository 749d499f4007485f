/** Twins of modules: what is desired of them, and what they report. */
@NullMarked
package io.gantry.module.client.twin;

import org.jspecify.annotations.NullMarked;
