package io.gantry.module.client.whiteboard;

import io.gantry.spi.module.ModuleLocation;
import io.gantry.testkit.module.TestBundle;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.Map;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;

/** A real framework with bundles of modules, in which the test registers services for them. */
public final class TestModules implements AutoCloseable {

  private final Path folder;
  private final Framework framework;

  /** Starts it. */
  public TestModules(Path folder) throws Exception {
    this.folder = folder;
    this.framework =
        new FrameworkFactory()
            .newFramework(
                Map.of(
                    Constants.FRAMEWORK_STORAGE,
                    folder.resolve("felix").toString(),
                    Constants.FRAMEWORK_BSNVERSION,
                    "multiple"));
    framework.start();
  }

  /** Who looks for services. */
  public BundleContext context() {
    return framework.getBundleContext();
  }

  /** A started bundle of this generation of a module. */
  public Bundle module(String name, long generation) throws Exception {
    return bundle(new ModuleLocation(name, generation).toString(), name, generation);
  }

  /** A started bundle that is no module. */
  public Bundle stranger() throws Exception {
    return bundle("somewhere", "stranger", 1);
  }

  private Bundle bundle(String location, String name, long generation) throws Exception {
    Path jar = TestBundle.of("acme." + name, "1.0." + generation).writeTo(folder.resolve("jars"));
    try (InputStream content = Files.newInputStream(jar)) {
      Bundle bundle = context().installBundle(location, content);
      bundle.start();
      return bundle;
    }
  }

  /** Registers a service of a module. */
  public static <S> ServiceRegistration<S> register(
      Bundle bundle, Class<S> type, S service, Map<String, ?> properties) {
    return bundle
        .getBundleContext()
        .registerService(type, service, new Hashtable<String, Object>(properties));
  }

  @Override
  public void close() throws Exception {
    framework.stop();
    framework.waitForStop(10_000);
  }
}
