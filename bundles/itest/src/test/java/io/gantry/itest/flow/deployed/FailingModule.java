package io.gantry.itest.flow.deployed;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** A version that cannot start. */
public final class FailingModule implements BundleActivator {

  @Override
  public void start(BundleContext context) {
    throw new IllegalStateException("no serial port");
  }

  @Override
  public void stop(BundleContext context) {}
}
