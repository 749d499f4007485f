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
    return call(
        module,
        "start",
        () -> {
          for (Bundle bundle : module.all()) {
            if (isStartable(bundle)) {
              in(bundle, () -> bundle.start(Bundle.START_TRANSIENT));
            }
          }
        },
        () -> stop(module.bundle()));
  }

  /** Stops the module's own bundle; shared ones serve others and stop when they are removed. */
  public Call stop(Installed module) {
    return call(
        module,
        "stop",
        () -> {
          if (module.bundle().getState() != Bundle.UNINSTALLED) {
            stop(module.bundle());
          }
        },
        () -> {});
  }

  private Call call(Installed module, String what, Call.Action action, Call.Action late) {
    return calls.call("module " + module.prepared().spec().name(), what, action, late);
  }

  private static void stop(Bundle bundle) throws Exception {
    in(bundle, () -> bundle.stop(Bundle.STOP_TRANSIENT));
  }

  /**
   * With the bundle's class loader as that of the thread. Threads that the bundle starts inherit
   * it: that is how we know whose they are, and one of a shared bundle does not hold the module
   * that happened to start it.
   */
  private static void in(Bundle bundle, Call.Action action) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader former = thread.getContextClassLoader();
    BundleWiring wiring = bundle.adapt(BundleWiring.class);
    thread.setContextClassLoader(
        wiring == null ? Starter.class.getClassLoader() : wiring.getClassLoader());
    try {
      action.run();
    } finally {
      thread.setContextClassLoader(former);
    }
  }

  private static boolean isStartable(Bundle bundle) {
    return bundle.getState() != Bundle.ACTIVE
        && bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null;
  }
}
