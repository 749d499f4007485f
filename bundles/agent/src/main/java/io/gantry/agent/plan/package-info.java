/** What has to be done to make reality equal the manifest; pure. */
@NullMarked
package io.gantry.agent.plan;

import org.jspecify.annotations.NullMarked;
