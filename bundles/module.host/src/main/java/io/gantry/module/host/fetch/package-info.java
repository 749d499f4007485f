/**
 * Reading from repositories over HTTP: with limits, credentials where they belong, and sentences.
 */
@NullMarked
package io.gantry.module.host.fetch;

import org.jspecify.annotations.NullMarked;
