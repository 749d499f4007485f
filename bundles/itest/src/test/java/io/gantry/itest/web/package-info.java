/** The HTTPS door of what ships. */
@NullMarked
package io.gantry.itest.web;

import org.jspecify.annotations.NullMarked;
