package io.gantry.launcher.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.launcher.cli.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;

/** A real framework with bundles made here. */
@Timeout(120)
class FrameworkHostTest {

  private static final String STARTED = "gantry.test.started";
  private static final String OTHER = "gantry.test.other";

  @TempDir Path folder;
  private Path system;
  private FrameworkHost host;

  /** Leaves its bundle's name behind. */
  public static final class Noting implements BundleActivator {
    @Override
    public void start(BundleContext context) {
      String before = System.getProperty(STARTED, "");
      System.setProperty(STARTED, before + context.getBundle().getSymbolicName() + " ");
    }

    @Override
    public void stop(BundleContext context) {}
  }

  /** Cannot start. */
  public static final class Broken implements BundleActivator {
    @Override
    public void start(BundleContext context) {
      throw new IllegalStateException("the cellar is flooded");
    }

    @Override
    public void stop(BundleContext context) {}
  }

  /** Installs the bundle beside the folder, as the module host does, and does not start it yet. */
  public static final class Installing implements BundleActivator {
    @Override
    public void start(BundleContext context) throws Exception {
      context.installBundle(System.getProperty(OTHER));
    }

    @Override
    public void stop(BundleContext context) {}
  }

  @BeforeEach
  void makeHost() throws Exception {
    System.clearProperty(STARTED);
    system = Files.createDirectory(folder.resolve("system"));
    host =
        new FrameworkHost(
            Map.of(
                Constants.FRAMEWORK_STORAGE,
                folder.resolve("felix").toString(),
                Constants.FRAMEWORK_BEGINNING_STARTLEVEL,
                "10",
                "felix.log.level",
                "0"));
  }

  @AfterEach
  void stopHost() throws InterruptedException {
    System.clearProperty(STARTED);
    System.clearProperty(OTHER);
    host.stop();
    host.waitForStop(60_000);
  }

  private void bundle(String name, Class<?> activator) throws IOException {
    Manifest manifest = new Manifest();
    Attributes headers = manifest.getMainAttributes();
    headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
    headers.putValue(Constants.BUNDLE_SYMBOLICNAME, name);
    headers.putValue(Constants.BUNDLE_ACTIVATOR, activator.getName());
    headers.putValue(Constants.IMPORT_PACKAGE, "org.osgi.framework");
    String file = activator.getName().replace('.', '/') + ".class";
    try (JarOutputStream jar =
            new JarOutputStream(Files.newOutputStream(system.resolve(name + ".jar")), manifest);
        InputStream bytes = activator.getClassLoader().getResourceAsStream(file)) {
      jar.putNextEntry(new JarEntry(file));
      bytes.transferTo(jar);
    }
  }

  @Test
  void bundlesStartInTheOrderOfTheirLevels() throws Exception {
    bundle("a", Noting.class);
    bundle("b", Noting.class);
    bundle("c", Noting.class);
    host.start(system, StartLevels.parse("a;startlevel=9,b;startlevel=2"), () -> {});
    assertEquals("b c a ", System.getProperty(STARTED));
  }

  @Test
  void aBundleThatDoesNotStartIsNamedWithItsReason() throws Exception {
    bundle("a", Noting.class);
    bundle("b", Broken.class);
    CommandException failed =
        assertThrows(
            CommandException.class, () -> host.start(system, StartLevels.parse(""), () -> {}));
    assertEquals("bundle b does not start: the cellar is flooded", failed.getMessage());
    assertEquals(1, failed.exitCode());
  }

  @Test
  void bundlesThatOthersInstallAreLeftToThem() throws Exception {
    bundle("module", Broken.class);
    Path module = Files.move(system.resolve("module.jar"), folder.resolve("module.jar"));
    System.setProperty(OTHER, module.toUri().toString());
    bundle("a", Installing.class);
    host.start(system, StartLevels.parse(""), () -> {});
    assertFalse(host.stopped());
  }

  @Test
  void whoWatchesIsToldWhenAStopBegins() throws Exception {
    AtomicBoolean stopping = new AtomicBoolean();
    host.start(system, StartLevels.parse(""), () -> host.onStopping(() -> stopping.set(true)));
    assertEquals(FrameworkEvent.WAIT_TIMEDOUT, host.waitForStop(1));
    assertFalse(stopping.get());
    host.stop();
    assertEquals(FrameworkEvent.STOPPED, host.waitForStop(60_000));
    assertTrue(stopping.get());
    assertTrue(host.stopped());
  }

  @Test
  void withoutTheServicesOfTheCompendiumNothingIsConfiguredAndNothingHasFailed() throws Exception {
    host.start(system, StartLevels.parse(""), () -> {});
    assertFalse(host.configured("any"));
    assertEquals(Optional.empty(), host.failure("any"));
  }
}
