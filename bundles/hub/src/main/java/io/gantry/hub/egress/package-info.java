/** What leaves: the event log, and the inputs of modules that are connected from outside. */
@NullMarked
package io.gantry.hub.egress;

import org.jspecify.annotations.NullMarked;
