/**
 * What bundles say of themselves, in their jars and in indexes. It needs nothing of the framework
 * but its interfaces, and no logging: {@link io.gantry.module.host.index.IndexTool} works outside
 * of a runtime.
 */
@NullMarked
package io.gantry.module.host.index;

import org.jspecify.annotations.NullMarked;
