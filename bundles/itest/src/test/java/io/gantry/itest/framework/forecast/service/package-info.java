/** What a shared bundle of these tests exports. */
@NullMarked
package io.gantry.itest.framework.forecast.service;

import org.jspecify.annotations.NullMarked;
