/** Conditions: syntax tree to predicate, checked for types once, evaluated without a tree. */
@NullMarked
package io.gantry.routing.eval;

import org.jspecify.annotations.NullMarked;
