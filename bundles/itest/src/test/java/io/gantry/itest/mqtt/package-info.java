/** The free local broker, as other people's clients see it. */
@org.jspecify.annotations.NullMarked
package io.gantry.itest.mqtt;
