/** Which generation of a module is called, what calls are under way, and which of them hang. */
@NullMarked
package io.gantry.module.client.traffic;

import org.jspecify.annotations.NullMarked;
