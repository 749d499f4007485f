package io.gantry.api.module;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Is told what changes in a module's desired properties. Registered as an OSGi service; the bundle
 * that registers it decides which module it belongs to.
 *
 * <p>What has changed since the module was told last comes as one change when the listener is
 * registered, also after a restart: there is no need to ask for the twin first. The very first time
 * that is everything.
 */
@ConsumerType
@FunctionalInterface
public interface DesiredListener {

  /**
   * Takes a change. Called on a thread of the runtime, one change after another. What is thrown is
   * logged, and the change comes again when the listener is registered anew.
   */
  void onDesired(DesiredChange change) throws Exception;
}
