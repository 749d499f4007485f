package io.gantry.module.host.bundle;

import io.gantry.module.host.bundle.Installer.Installed;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.BundleWiring;

/** Starts and stops the bundles of a module, each time in a {@link Call}. Any thread. */
public final class Starter {

  private final Call.Maker calls;

  public Starter(Call.Maker calls) {
    this.calls = calls;
  }

  /**
   * Starts the shared bundles that do not run yet, then the module. Nothing is remembered by the
   * framework: what runs after the next start is the agent's decision.
   */
  public Call start(Installed module) {
    Bundle own = module.bundle();
    return call(
        module,
        "start",
        () -> {
          for (Bundle bundle : module.all()) {
            if (isStartable(bundle)) {
              bundle.start(Bundle.START_TRANSIENT);
            }
          }
        },
        () -> own.stop(Bundle.STOP_TRANSIENT));
  }

  /** Stops the module's own bundle; shared ones serve others and stop when they are removed. */
  public Call stop(Installed module) {
    return call(
        module,
        "stop",
        () -> {
          if (module.bundle().getState() != Bundle.UNINSTALLED) {
            module.bundle().stop(Bundle.STOP_TRANSIENT);
          }
        },
        () -> {});
  }

  private Call call(Installed module, String what, Call.Action action, Call.Action late) {
    BundleWiring wiring = module.bundle().adapt(BundleWiring.class);
    ClassLoader loader = wiring == null ? Starter.class.getClassLoader() : wiring.getClassLoader();
    return calls.call(module.prepared().spec().name(), what, loader, action, late);
  }

  private static boolean isStartable(Bundle bundle) {
    return bundle.getState() != Bundle.ACTIVE
        && bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null;
  }
}
