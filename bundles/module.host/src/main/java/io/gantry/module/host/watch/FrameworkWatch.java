package io.gantry.module.host.watch;

import io.gantry.module.host.resolution.Locations;
import org.apache.felix.hc.api.HealthCheck;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleListener;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/**
 * Passes on that something about a module's bundle may have changed. It does not say what: events
 * come late, in any order and twice, so the one who is told looks at the bundle itself. The target
 * must only enqueue.
 */
public final class FrameworkWatch implements AutoCloseable {

  /** Is told. Called on threads of the framework. */
  public interface Target {

    /** The bundle was started, stopped or uninstalled. */
    void changed(Bundle module);

    /** The framework reports an error of the bundle. */
    void error(Bundle module, Throwable error);

    /** A component of some bundle changed its state. */
    void componentsChanged();

    /** The bundle registered a health check. */
    void checksChanged(Bundle module);
  }

  private final BundleContext context;
  private final Bundle framework;
  private final BundleListener bundles;
  private final FrameworkListener errors;
  private final ServiceListener components;
  private final ServiceListener checks;

  /** Begins to watch. */
  public FrameworkWatch(BundleContext context, Target target) {
    this.context = context;
    framework = context.getBundle(0);
    bundles =
        event -> {
          if (Locations.isModule(event.getBundle()) && !isShuttingDown()) {
            target.changed(event.getBundle());
          }
        };
    errors =
        event -> {
          if (event.getType() == FrameworkEvent.ERROR && Locations.isModule(event.getBundle())) {
            target.error(event.getBundle(), event.getThrowable());
          }
        };
    components =
        event -> {
          if (!isShuttingDown()) {
            target.componentsChanged();
          }
        };
    checks =
        event -> {
          Bundle registrar = event.getServiceReference().getBundle();
          if (event.getType() == ServiceEvent.REGISTERED
              && registrar != null
              && Locations.isModule(registrar)) {
            target.checksChanged(registrar);
          }
        };
    context.addBundleListener(bundles);
    context.addFrameworkListener(errors);
    try {
      context.addServiceListener(components, of(ServiceComponentRuntime.class));
      context.addServiceListener(checks, of(HealthCheck.class));
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException("the filter is a constant", e);
    }
  }

  private static String of(Class<?> service) {
    return "(objectClass=" + service.getName() + ")";
  }

  /** That modules stop when everything stops is no news. */
  private boolean isShuttingDown() {
    return (framework.getState() & (Bundle.STARTING | Bundle.ACTIVE)) == 0;
  }

  @Override
  public void close() {
    context.removeServiceListener(checks);
    context.removeServiceListener(components);
    context.removeFrameworkListener(errors);
    context.removeBundleListener(bundles);
  }
}
