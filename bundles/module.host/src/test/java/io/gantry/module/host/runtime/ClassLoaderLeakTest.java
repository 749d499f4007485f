package io.gantry.module.host.runtime;

import static io.gantry.module.host.runtime.HostRig.get;
import static io.gantry.module.host.runtime.HostRig.until;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.module.host.fixture.Checked;
import io.gantry.module.host.fixture.Recorded;
import io.gantry.module.host.fixture.Settings;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.spi.module.PreparedModule;
import io.gantry.testkit.module.TestBundle;
import java.io.File;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.cm.ConfigurationAdmin;

/** A gateway that runs for years must not keep what it has replaced. */
@Timeout(300)
class ClassLoaderLeakTest {

  private static final int SWAPS = 200;
  private static final File OPEN_FILES = new File("/proc/self/fd");

  @TempDir Path temp;
  private HostRig rig;

  @BeforeEach
  void boot() throws Exception {
    rig = new HostRig(temp);
    rig.installHealthChecks();
    rig.health(version -> "OK fine");
  }

  @AfterEach
  void shutDown() throws Exception {
    rig.close();
  }

  /** The module has a component with settings that is used, a health check, and a shared bundle. */
  @Test
  void twoHundredSwapsLeaveNothingBehind() throws Exception {
    List<PreparedModule> versions = new ArrayList<>();
    for (String version : List.of("1.0.0", "2.0.0")) {
      rig.offer(
          TestBundle.of("acme.lib", version)
              .entry("acme/lib/readme.txt", "a package")
              .header("Export-Package", "acme.lib;version=" + version));
      rig.offer(bundle(version));
      versions.add(rig.prepare(spec(version)));
    }
    get(rig.runtime.install(versions.get(0)));
    get(rig.runtime.start("m"));
    for (int i = 1; i <= 10; i++) {
      swap(versions.get(i % 2));
    }
    Set<String> threads = threads();
    long files = openFiles();

    List<WeakReference<ClassLoader>> former = new ArrayList<>();
    for (int i = 1; i <= SWAPS; i++) {
      former.add(new WeakReference<>(loader()));
      swap(versions.get(i % 2));
    }
    until(
        "all former class loaders are gone",
        () -> {
          System.gc();
          former.removeIf(reference -> reference.get() == null);
          return former.isEmpty();
        });
    assertEquals(1, rig.generations("m").size());
    assertEquals(
        1,
        Stream.of(rig.framework.context().getBundles())
            .filter(bundle -> bundle.getLocation().startsWith("gantry:shared/"))
            .count());
    assertEquals(
        2,
        rig.framework
            .service(ConfigurationAdmin.class)
            .listConfigurations("(service.bundleLocation=gantry:*)")
            .length);
    until("no thread is left: " + threads(), () -> threads.containsAll(threads()));
    until("not more than " + files + " files are open", () -> openFiles() <= files + 2);
  }

  private void swap(PreparedModule next) throws Exception {
    get(rig.runtime.swap(next));
    Supplier<?> service = rig.framework.serviceOf(rig.bundle("m"), Supplier.class);
    assertEquals("{Interval=5, limit=7}", service.get());
  }

  private ClassLoader loader() {
    return rig.bundle("m").adapt(BundleWiring.class).getClassLoader();
  }

  /** Configuration Admin says in brackets behind the name what a thread of its own is doing. */
  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(thread -> thread.getName().replaceAll(" \\(.*", ""))
        .filter(name -> !name.startsWith("FelixResolver") && !name.startsWith("hc-thread"))
        .filter(name -> !name.startsWith("HealthCheck"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Of Linux; elsewhere nobody counts. */
  private static long openFiles() {
    String[] files = OPEN_FILES.list();
    return files == null ? 0 : files.length;
  }

  private static TestBundle bundle(String version) {
    return TestBundle.of("acme.whole", version)
        .activator(Checked.class)
        .type(Recorded.class)
        .header("X-Check", "pump pressure")
        .header(
            "Import-Package",
            "org.osgi.framework,org.apache.felix.hc.api,acme.lib;version=\"["
                + version
                + ","
                + version
                + "]\"")
        .component(
            Settings.class,
            "immediate=\"true\" activate=\"activate\""
                + " configuration-pid=\"io.gantry.module acme.settings\"",
            "<service><provide interface=\"java.util.function.Supplier\"/></service>");
  }

  private static ModuleSpec spec(String version) {
    return new ModuleSpec(
        "m",
        ImageReference.parse("acme.whole:" + version),
        PullPolicy.ON_CREATE,
        Map.of("Interval", "5"),
        Map.of("acme.settings", Map.of("limit", 7L)));
  }
}
