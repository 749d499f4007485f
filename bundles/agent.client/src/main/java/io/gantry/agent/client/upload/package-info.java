/** Files that go to a blob store. */
@NullMarked
package io.gantry.agent.client.upload;

import org.jspecify.annotations.NullMarked;
