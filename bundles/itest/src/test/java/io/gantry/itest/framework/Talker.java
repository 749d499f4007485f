package io.gantry.itest.framework;

import java.util.logging.Level;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.LogService;

/** The whole code of a module that logs in every way; becomes a bundle of its own. */
public final class Talker implements BundleActivator {

  @Override
  public void start(BundleContext context) {
    org.slf4j.Logger slf4j = org.slf4j.LoggerFactory.getLogger(Talker.class);
    slf4j.info("slf4j says {}", 42);
    slf4j.error("it failed", new IllegalStateException("as the test wanted"));
    java.util.logging.Logger.getLogger(Talker.class.getName())
        .log(Level.WARNING, "JUL says {0}", 43);
    ServiceReference<LogService> osgi = context.getServiceReference(LogService.class);
    context.getService(osgi).getLogger(Talker.class).error("OSGi says 44");
    System.out.println("printed 45");
    System.err.println("complained 46");
  }

  @Override
  public void stop(BundleContext context) {
    // Nothing was begun.
  }
}
