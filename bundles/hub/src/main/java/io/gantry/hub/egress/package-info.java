/** What leaves: to the event log, and to modules and devices that are connected from outside. */
@NullMarked
package io.gantry.hub.egress;

import org.jspecify.annotations.NullMarked;
