package io.gantry.api.module;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Answers direct methods of a module. Registered as an OSGi service, with the property {@link
 * Method#PROPERTY} naming the methods it answers, or without for all that no other handler names;
 * the bundle that registers it decides which module it belongs to. A method that no handler of a
 * module answers is answered with status 501, as Azure's SDKs do; a module without any handler
 * counts as not connected (404).
 */
@ConsumerType
@FunctionalInterface
public interface MethodHandler {

  /**
   * Answers a call. Called on a thread of the runtime, one call after another; may block, which
   * holds up the module's other calls, and all the more a call of one of its own methods.
   *
   * @return not null, with at most 128 KiB of payload; else status 500 is answered
   * @throws Exception answered with status 500 and logged; the caller does not see its text
   */
  MethodResponse onMethod(MethodRequest request) throws Exception;
}
