/** A disk that fails as disks do. */
@NullMarked
package io.gantry.testkit.disk;

import org.jspecify.annotations.NullMarked;
