package io.gantry.itest.framework.forecast.module;

import io.gantry.itest.framework.forecast.service.Measure;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.util.tracker.ServiceTracker;

/** Uses every service of the kind that comes, without components. */
public final class Watcher implements BundleActivator {

  private ServiceTracker<Measure, Measure> tracker;

  @Override
  public void start(BundleContext context) {
    tracker = new ServiceTracker<>(context, Measure.class, null);
    tracker.open();
  }

  @Override
  public void stop(BundleContext context) {
    tracker.close();
  }
}
