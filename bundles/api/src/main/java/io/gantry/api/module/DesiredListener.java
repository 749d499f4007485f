package io.gantry.api.module;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Is told what changes in a module's desired properties. Registered as an OSGi service; the bundle
 * that registers it decides which module it belongs to.
 *
 * <p>What has changed since the module was told last comes as one change when the listener is
 * registered, also after a restart. The very first time that is everything. A module that does not
 * keep what it was told asks for the whole when it starts ({@link ModuleClient#twin}).
 *
 * <p>All listeners of a module are told, the highest ranking first; the change counts as taken when
 * all have returned. While two versions of the module run side by side the newer one is told.
 */
@ConsumerType
@FunctionalInterface
public interface DesiredListener {

  /**
   * Takes a change. Called on a thread of the runtime, one change after another; may block, which
   * holds up the module's other changes. What is thrown is logged, and the change comes again as
   * part of the next one, or when a listener is registered anew.
   */
  void onDesired(DesiredChange change) throws Exception;
}
