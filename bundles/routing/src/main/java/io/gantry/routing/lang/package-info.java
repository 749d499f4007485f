/** The route language: text to syntax tree, with errors that point at a column. */
@NullMarked
package io.gantry.routing.lang;

import org.jspecify.annotations.NullMarked;
