package io.gantry.module.host.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.testkit.store.FakeStore;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.felix.framework.FrameworkFactory;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.resolver.Resolver;
import org.osgi.util.tracker.ServiceTracker;

/**
 * A real framework with Configuration Admin, Declarative Services and the resolver. Their API comes
 * from the test's class path, so that the test and the bundles mean the same classes.
 */
final class TestFramework implements AutoCloseable {

  /** Longer than anything takes; {@link RealTime#pass} is for tests of the limits themselves. */
  static final HostSettings.Limits LIMITS =
      new HostSettings.Limits(
          Duration.ofSeconds(70),
          Duration.ofSeconds(80),
          Duration.ofSeconds(90),
          Duration.ofMillis(50));

  private static final String EXPORTS =
      String.join(
          ",",
          "org.osgi.service.cm;version=1.6.1",
          "org.osgi.service.component;version=1.5.1",
          "org.osgi.service.component.runtime;version=1.5.0",
          "org.osgi.service.component.runtime.dto;version=1.5.0",
          "org.osgi.util.promise;version=1.3.0",
          "org.osgi.util.function;version=1.2.0",
          "org.osgi.service.resolver;version=1.1.1",
          "org.osgi.service.event;version=1.4.1",
          "org.osgi.service.servlet.context;version=2.0.0",
          "org.slf4j;version=1.7.36",
          "org.apache.felix.hc.api;version=2.0.0",
          "org.apache.felix.hc.api.condition;version=1.0.0",
          "org.apache.felix.hc.api.execution;version=2.0.0");

  private final Framework framework;

  TestFramework(Path storage) throws Exception {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put(Constants.FRAMEWORK_STORAGE, storage.toString());
    properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, "onFirstInit");
    properties.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, "5");
    properties.put(Constants.FRAMEWORK_BSNVERSION, "multiple");
    properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, EXPORTS);
    framework = new FrameworkFactory().newFramework(properties);
    framework.start();
    for (String service :
        new String[] {
          "org.apache.felix.cm.impl.ConfigurationManager",
          "org.apache.felix.scr.impl.Activator",
          "org.apache.felix.resolver.Activator"
        }) {
      installAndStart(service);
    }
  }

  private void installAndStart(String type) throws Exception {
    URL file = TestFramework.class.getResource("/" + type.replace('.', '/') + ".class");
    Path jar = Path.of(((JarURLConnection) file.openConnection()).getJarFileURL().toURI());
    install("test:" + type, jar).start();
  }

  /**
   * Felix's own execution of health checks, for the host.
   *
   * @param checkMillis how long a check may take: nobody lets that time pass
   */
  void installHealthChecks(ModuleHost host, long checkMillis) throws Exception {
    Dictionary<String, Object> settings = new Hashtable<>();
    settings.put("resultCacheTtlInMs", 1L);
    settings.put("timeoutInMs", checkMillis);
    service(ConfigurationAdmin.class)
        .getConfiguration("org.apache.felix.hc.core.impl.executor.HealthCheckExecutorImpl", "?")
        .update(settings);
    installAndStart("org.apache.felix.hc.core.impl.executor.HealthCheckExecutorImpl");
    // All of them: the test's class path has the classes behind it, too, and so it is not for us.
    for (ServiceReference<?> reference :
        context().getAllServiceReferences(HealthCheckExecutor.class.getName(), null)) {
      host.use((HealthCheckExecutor) context().getService(reference));
    }
  }

  BundleContext context() {
    return framework.getBundleContext();
  }

  Bundle install(String location, Path jar) throws Exception {
    try (InputStream in = Files.newInputStream(jar)) {
      return context().installBundle(location, in);
    }
  }

  ModuleHost.Services services(RealTime time) throws InterruptedException {
    return new ModuleHost.Services(
        service(ConfigurationAdmin.class),
        service(ServiceComponentRuntime.class),
        service(Resolver.class),
        time,
        time,
        time,
        new FakeStore());
  }

  <T> T service(Class<T> type) throws InterruptedException {
    ServiceTracker<T, T> tracker = new ServiceTracker<>(context(), type, null);
    tracker.open();
    T service = tracker.waitForService(60_000);
    assertTrue(service != null, "no service " + type);
    return service;
  }

  /** The service that this bundle registered. */
  <T> T serviceOf(Bundle bundle, Class<T> type) throws Exception {
    Collection<ServiceReference<T>> references = context().getServiceReferences(type, null);
    for (ServiceReference<T> reference : references) {
      if (bundle.equals(reference.getBundle())) {
        return context().getService(reference);
      }
    }
    throw new AssertionError(bundle + " has no service " + type);
  }

  @Override
  public void close() throws Exception {
    framework.stop();
    framework.waitForStop(TimeUnit.SECONDS.toMillis(60));
  }
}
