/**
 * JUnit 5 tests inside a framework that holds exactly the bundles that ship. Pax Exam has no driver
 * for JUnit 5; {@link io.gantry.itest.framework.InFramework} is a small one.
 */
@NullMarked
package io.gantry.itest.framework;

import org.jspecify.annotations.NullMarked;
