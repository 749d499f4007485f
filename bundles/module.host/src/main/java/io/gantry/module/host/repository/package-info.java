/** Where bundles come from: indexes, folders of jars, and the local cache. */
@NullMarked
package io.gantry.module.host.repository;

import org.jspecify.annotations.NullMarked;
