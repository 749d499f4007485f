/** The one owner of everything: takes events, plans, runs, remembers. */
@NullMarked
package io.gantry.agent.loop;

import org.jspecify.annotations.NullMarked;
