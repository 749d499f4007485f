/** The HTTPS door. */
@NullMarked
package io.gantry.web;

import org.jspecify.annotations.NullMarked;
