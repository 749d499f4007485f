/** Whether and when a module that stopped is started again; pure. */
@NullMarked
package io.gantry.agent.restart;

import org.jspecify.annotations.NullMarked;
