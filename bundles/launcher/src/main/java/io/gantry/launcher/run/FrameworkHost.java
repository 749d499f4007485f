package io.gantry.launcher.run;

import io.gantry.launcher.cli.CommandException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.startlevel.BundleStartLevel;

/** The OSGi framework with the bundles of the system folder in it. */
final class FrameworkHost {

  private static final String CONFIGURATION_ADMIN = "org.osgi.service.cm.ConfigurationAdmin";

  private static final String COMPONENT_RUNTIME =
      "org.osgi.service.component.runtime.ServiceComponentRuntime";

  /** {@code ComponentConfigurationDTO.FAILED_ACTIVATION}. */
  private static final int FAILED_ACTIVATION = 16;

  private static final String CAUSE = "Caused by: ";

  private final Framework framework;

  FrameworkHost(Map<String, String> properties) throws CommandException {
    FrameworkFactory factory =
        ServiceLoader.load(FrameworkFactory.class)
            .findFirst()
            .orElseThrow(
                () -> CommandException.failed("no OSGi framework on the class path: see lib/"));
    framework = factory.newFramework(properties);
  }

  /**
   * Installs every jar of the folder by reference, so that nothing is copied, and starts them by
   * their levels. Returns when the last level is reached.
   *
   * @param initialised called before the first bundle starts
   */
  void start(Path system, StartLevels levels, Runnable initialised) throws CommandException {
    try {
      framework.init();
      initialised.run();
      BundleContext context = framework.getBundleContext();
      List<Bundle> bundles = new ArrayList<>();
      for (Path jar : jars(system)) {
        bundles.add(install(context, jar, levels));
      }
      framework.start();
      requireStarted(bundles);
    } catch (BundleException | IOException e) {
      throw CommandException.failed("the framework could not be started: " + cause(e));
    }
  }

  private static List<Path> jars(Path system) throws IOException {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(system, "*.jar")) {
      files.forEach(jars::add);
    }
    jars.sort(null);
    return jars;
  }

  private static Bundle install(BundleContext context, Path jar, StartLevels levels)
      throws BundleException {
    Bundle bundle = context.installBundle("reference:" + jar.toUri());
    if (!isFragment(bundle)) {
      bundle.adapt(BundleStartLevel.class).setStartLevel(levels.of(bundle.getSymbolicName()));
      bundle.start(Bundle.START_ACTIVATION_POLICY);
    }
    return bundle;
  }

  private static boolean isFragment(Bundle bundle) {
    return bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
  }

  /**
   * Fails with one sentence for each bundle that does not run although it should. Why it does not
   * was told to nobody, so it is started once more, to hear it. Modules, which somebody else may be
   * installing by now, are not our business.
   */
  private static void requireStarted(List<Bundle> bundles) throws CommandException {
    List<String> failures = new ArrayList<>();
    for (Bundle bundle : bundles) {
      if (!isFragment(bundle) && bundle.getState() < Bundle.STARTING) {
        try {
          bundle.start(Bundle.START_ACTIVATION_POLICY);
        } catch (BundleException e) {
          failures.add("bundle " + bundle.getSymbolicName() + " does not start: " + cause(e));
        }
      }
    }
    if (!failures.isEmpty()) {
      throw CommandException.failed(String.join("\n", failures));
    }
  }

  private static String cause(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }

  /** Asks it to stop; returns at once. */
  void stop() {
    try {
      framework.stop();
    } catch (BundleException e) {
      throw new IllegalStateException("the framework refused to stop", e);
    }
  }

  /**
   * Whether the Configuration Admin service holds a configuration. Asked by reflection: its classes
   * belong to a bundle.
   */
  boolean configured(String pid) {
    BundleContext context = framework.getBundleContext();
    ServiceReference<?> admin = context.getServiceReference(CONFIGURATION_ADMIN);
    if (admin == null) {
      return false;
    }
    try {
      Object service = context.getService(admin);
      Class<?> type = service.getClass().getClassLoader().loadClass(CONFIGURATION_ADMIN);
      Object found =
          type.getMethod("listConfigurations", String.class)
              .invoke(service, "(" + Constants.SERVICE_PID + "=" + pid + ")");
      return found != null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Configuration Admin cannot be asked", e);
    } finally {
      context.ungetService(admin);
    }
  }

  /**
   * Why a component of a bundle could not be put together; empty when all could, or are waiting for
   * something. Declarative Services is asked by reflection, too.
   */
  Optional<String> failure(String symbolicName) {
    BundleContext context = framework.getBundleContext();
    ServiceReference<?> reference = context.getServiceReference(COMPONENT_RUNTIME);
    if (reference == null) {
      return Optional.empty();
    }
    try {
      Object runtime = context.getService(reference);
      Class<?> type = runtime.getClass().getClassLoader().loadClass(COMPONENT_RUNTIME);
      Bundle[] bundles =
          Arrays.stream(context.getBundles())
              .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
              .toArray(Bundle[]::new);
      Collection<?> components =
          (Collection<?>)
              type.getMethod("getComponentDescriptionDTOs", Bundle[].class)
                  .invoke(runtime, (Object) bundles);
      for (Object component : components) {
        Collection<?> instances =
            (Collection<?>)
                type.getMethod("getComponentConfigurationDTOs", component.getClass())
                    .invoke(runtime, component);
        for (Object instance : instances) {
          if (instance.getClass().getField("state").getInt(instance) == FAILED_ACTIVATION) {
            Object trace = instance.getClass().getField("failure").get(instance);
            return Optional.of(rootCause(String.valueOf(trace)));
          }
        }
      }
      return Optional.empty();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Declarative Services cannot be asked", e);
    } finally {
      context.ungetService(reference);
    }
  }

  /** The text of the last cause in a stack trace, without its type. */
  private static String rootCause(String trace) {
    String line =
        trace
            .lines()
            .filter(one -> one.startsWith(CAUSE))
            .reduce((earlier, later) -> later)
            .map(one -> one.substring(CAUSE.length()))
            .orElseGet(() -> trace.lines().findFirst().orElse("no reason given"));
    int type = line.indexOf(": ");
    return type > 0 && line.lastIndexOf(' ', type - 1) < 0 ? line.substring(type + 2) : line;
  }

  /** Whether it was never started or has stopped. */
  boolean stopped() {
    return (framework.getState() & (Bundle.ACTIVE | Bundle.STARTING | Bundle.STOPPING)) == 0;
  }

  /**
   * Waits until it has stopped.
   *
   * @param millis how long at most; 0 for ever
   * @return the event type of {@code Framework.waitForStop}
   */
  int waitForStop(long millis) throws InterruptedException {
    return framework.waitForStop(millis).getType();
  }

  /** Calls the task when a stop has begun, whoever asked for it. */
  void onStopping(Runnable task) {
    framework
        .getBundleContext()
        .addBundleListener(
            (SynchronousBundleListener)
                event -> {
                  if (event.getBundle().getBundleId() == 0
                      && event.getType() == BundleEvent.STOPPING) {
                    task.run();
                  }
                });
  }

  /** The bundles whose stop has begun and not ended. */
  List<String> stopping() {
    List<String> names = new ArrayList<>();
    BundleContext context = framework.getBundleContext();
    if (context != null) {
      for (Bundle bundle : context.getBundles()) {
        if (bundle.getBundleId() != 0 && bundle.getState() == Bundle.STOPPING) {
          names.add(bundle.getSymbolicName());
        }
      }
    }
    return names;
  }
}
