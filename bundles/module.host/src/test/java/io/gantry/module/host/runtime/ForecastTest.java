package io.gantry.module.host.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fixture.Linked;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleForecast;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Download;
import io.gantry.spi.module.ModuleForecast.Effect;
import io.gantry.spi.module.ModuleForecast.Manner;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.spi.module.PreparedModule;
import io.gantry.testkit.module.TestBundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.SynchronousBundleListener;

/** What is foretold of an update is what happens. */
@Timeout(300)
class ForecastTest {

  private static final int CASES = 200;
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f");

  @TempDir Path temp;
  private RealTime time;
  private TestFramework framework;
  private ModuleHost host;
  private ModuleRuntime runtime;

  @BeforeEach
  void setUp() throws Exception {
    Files.createDirectories(repository());
    time = new RealTime();
    framework = new TestFramework(temp.resolve("felix"));
    host =
        new ModuleHost(
            framework.context(),
            new HostSettings(
                List.of(repository().toString()), temp.resolve("cache"), TestFramework.LIMITS),
            framework.services(time));
    runtime = host.runtime();
  }

  @AfterEach
  void tearDown() throws Exception {
    host.close();
    framework.close();
    time.close();
  }

  private Path repository() {
    return temp.resolve("repository");
  }

  // ---- 200 updates -------------------------------------------------------------------------

  /**
   * Modules with and without shared libraries, which use services of each other and of the
   * libraries in all the ways that Declarative Services know, are updated at random; some are
   * exclusive, some singletons.
   */
  @Test
  void theForetoldDisturbancesAreThoseThatHappen() throws Exception {
    Random random = new Random(20261126);
    Map<String, Integer> libraries = new HashMap<>();
    for (String name : NAMES) {
      offer(name, 0, random, libraries);
      run(spec(name, "acme." + name, random.nextInt(6) == 0));
    }
    int disturbed = 0;
    int replaced = 0;
    for (int version = 1; version <= CASES; version++) {
      String name = NAMES.get(random.nextInt(NAMES.size()));
      offer(name, version, random, libraries);
      ModuleSpec spec = spec(name, "acme." + name + ":" + version, random.nextInt(6) == 0);
      ModuleForecast forecast = get(runtime.forecast(spec, List.of()));
      PreparedModule prepared = get(runtime.prepare(spec));
      assertEquals(Optional.of(prepared), forecast.prepared());
      assertEquals(
          List.of(), get(runtime.forecast(spec, List.of())).downloads(), "all is in the cache");

      Set<String> observed = swapAndObserve(prepared);
      Map<String, Disturbance> foretold = new TreeMap<>();
      forecast.disturbances().forEach(d -> foretold.put(d.module(), d));
      assertEquals(
          observed,
          foretold.keySet(),
          "case " + version + ": " + forecast.manner() + " of " + name + ", foretold " + foretold);
      for (Disturbance disturbance : forecast.disturbances()) {
        assertEquals(Effect.REBOUND, disturbance.effect());
        assertTrue(
            disturbance.chain().get(0).startsWith("module " + disturbance.module() + " ("),
            disturbance.toString());
      }
      disturbed += observed.size();
      replaced += forecast.manner() == Manner.REPLACE ? 1 : 0;
      runtime.retain(List.of());
    }
    assertTrue(disturbed > CASES / 2, "the cases were worth looking at: " + disturbed);
    assertTrue(replaced > CASES / 8, "the cases were worth looking at: " + replaced);
  }

  /** The modules that go on running and lose a service that they used. */
  private Set<String> swapAndObserve(PreparedModule prepared) throws Exception {
    String name = prepared.spec().name();
    Map<String, List<ServiceReference<?>>> used = new TreeMap<>();
    Map<Bundle, Set<String>> owners = new HashMap<>();
    runtime
        .modules()
        .forEach(
            module -> {
              if (!module.name().equals(name)) {
                List<Bundle> bundles = bundles(module.name(), module.prepared());
                bundles.forEach(
                    b -> owners.computeIfAbsent(b, any -> new TreeSet<>()).add(module.name()));
                used.put(
                    module.name(),
                    bundles.stream()
                        .map(Bundle::getServicesInUse)
                        .filter(services -> services != null)
                        .<ServiceReference<?>>flatMap(Arrays::stream)
                        .toList());
              }
            });
    Queue<String> stopped = new ConcurrentLinkedQueue<>();
    SynchronousBundleListener listener =
        event -> {
          if (event.getType() == BundleEvent.STOPPING) {
            stopped.addAll(owners.getOrDefault(event.getBundle(), Set.of()));
          }
        };
    framework.context().addBundleListener(listener);
    get(runtime.swap(prepared));
    framework.context().removeBundleListener(listener);
    assertEquals(List.of(), List.copyOf(stopped), "nobody else is ever restarted");
    return used.entrySet().stream()
        .filter(entry -> entry.getValue().stream().anyMatch(s -> s.getBundle() == null))
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private List<Bundle> bundles(String module, PreparedModule prepared) {
    Set<String> shared =
        prepared.shared().stream()
            .map(s -> "gantry:shared/" + s.sha256())
            .collect(Collectors.toSet());
    return Stream.of(framework.context().getBundles())
        .filter(
            b ->
                b.getLocation().startsWith("gantry:module/" + module + "/")
                    || shared.contains(b.getLocation()))
        .toList();
  }

  /** A new version of a module; sometimes with a new version of a library. */
  private void offer(String name, int version, Random random, Map<String, Integer> libraries)
      throws Exception {
    deleteJars("acme." + name + "-");
    TestBundle bundle =
        TestBundle.of("acme." + name, version + ".0.0")
            .component(Linked.class, "immediate=\"true\"", elements(name, random));
    if (random.nextInt(10) == 0) {
      bundle.header("Bundle-SymbolicName", "acme." + name + ";singleton:=true");
    }
    String imports = "java.util.function";
    if (random.nextBoolean()) {
      String library = random.nextBoolean() ? "x" : "y";
      if (random.nextInt(3) == 0 || !libraries.containsKey(library)) {
        int next = libraries.merge(library, 1, Integer::sum);
        deleteJars("lib." + library + "-");
        TestBundle.of("lib." + library, next + ".0.0")
            .component(Linked.class, "immediate=\"true\"", elements(library, random))
            .header("Import-Package", "java.util.function")
            .header("Export-Package", "lib." + library + ";version=" + next)
            .entry("lib/" + library + "/readme.txt", "a package")
            .writeTo(repository());
      }
      imports += ",lib." + library + ";version=\"" + libraries.get(library) + "\"";
    }
    bundle.header("Import-Package", imports).writeTo(repository());
  }

  /** A service, and references to what comes before it: so there is no circle. */
  private static String elements(String name, Random random) {
    StringBuilder xml =
        new StringBuilder("<property name=\"link\" value=\"" + name + "\"/>")
            .append("<service><provide interface=\"java.util.function.Supplier\"/></service>");
    List<String> order = List.of("a", "b", "c", "d", "x", "e", "f", "y");
    List<String> before = order.subList(0, order.indexOf(name));
    for (int i = 0; i < 2 && !before.isEmpty(); i++) {
      xml.append("<reference name=\"r" + i + "\" interface=\"java.util.function.Supplier\"")
          .append(" target=\"(link=" + before.get(random.nextInt(before.size())) + ")\"")
          .append(random.nextBoolean() ? " policy=\"static\"" : " policy=\"dynamic\"")
          .append(" cardinality=\"" + (random.nextInt(3) == 0 ? "1" : "0"))
          .append(random.nextBoolean() ? "..1\"" : "..n\"")
          .append(random.nextInt(3) == 0 ? " policy-option=\"greedy\"" : "")
          .append(" bind=\"bind\" unbind=\"unbind\"/>");
    }
    return xml.toString();
  }

  private void deleteJars(String prefix) throws Exception {
    try (Stream<Path> files = Files.list(repository())) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith(prefix)) {
          Files.delete(file);
        }
      }
    }
  }

  // ---- one at a time -----------------------------------------------------------------------

  @Test
  void theForecastOfANewModuleNamesWhatIsToBeDownloaded() throws Exception {
    Path library =
        TestBundle.of("acme.lib", "1.0.0")
            .header("Export-Package", "acme.lib;version=1.0.0")
            .entry("acme/lib/readme.txt", "a package")
            .writeTo(repository());
    Path module =
        TestBundle.of("acme.one", "1.2.0")
            .header("Import-Package", "acme.lib")
            .writeTo(repository());
    ModuleForecast forecast = get(runtime.forecast(spec("m", "acme.one", false), List.of()));
    assertEquals("1.2.0", forecast.version());
    assertEquals(Manner.INSTALL, forecast.manner());
    assertEquals(
        List.of(
            new Download("acme.one", "1.2.0", repository().toString(), Files.size(module)),
            new Download("acme.lib", "1.0.0", repository().toString(), Files.size(library))),
        forecast.downloads());
    assertEquals(List.of(), forecast.reasons());
    assertEquals(
        Optional.of(get(runtime.prepare(spec("m", "acme.one", false)))), forecast.prepared());
    assertEquals(List.of(), runtime.modules());
  }

  @Test
  void theReasonsForStoppingTheOldOneFirstAreSaid() throws Exception {
    TestBundle.of("acme.one", "1.0.0").writeTo(repository());
    run(spec("m", "acme.one", false));
    assertEquals(Manner.SWAP, forecast("m", false).manner());
    ModuleForecast exclusive = forecast("m", true);
    assertEquals(Manner.REPLACE, exclusive.manner());
    assertTrue(exclusive.reasons().get(0).startsWith("it is exclusive"), "" + exclusive);
    get(runtime.stop("m"));
    assertEquals(
        List.of("the version that is installed does not run"), forecast("m", false).reasons());
    TestBundle.of("acme.one", "2.0.0")
        .header("Bundle-SymbolicName", "acme.one;singleton:=true")
        .writeTo(repository());
    assertTrue(forecast("m", false).reasons().get(0).contains("is a singleton"));
  }

  @Test
  void theChainOfServicesIsSaid() throws Exception {
    component("a", "");
    component("b", reference("a"));
    component("c", reference("b"));
    for (String name : List.of("a", "b", "c")) {
      run(spec(name, "acme." + name, false));
    }
    ModuleForecast forecast = forecast("a", false);
    assertEquals(
        List.of(
            new Disturbance(
                "b",
                Effect.REBOUND,
                List.of(
                    "module b (acme.b 1.0.0)",
                    "uses the service java.util.function.Supplier of module a (acme.a 1.0.0)")),
            new Disturbance(
                "c",
                Effect.REBOUND,
                List.of(
                    "module c (acme.c 1.0.0)",
                    "uses the service java.util.function.Supplier of module b (acme.b 1.0.0)",
                    "uses the service java.util.function.Supplier of module a (acme.a 1.0.0)"))),
        forecast.disturbances());
  }

  @Test
  void aForecastFailsAsPreparingDoesAndTouchesNothing() throws Exception {
    TestBundle.of("acme.one", "1.0.0").header("Import-Package", "acme.lib").writeTo(repository());
    ModuleSpec spec = spec("m", "acme.one", false);
    String foretold = failure(runtime.forecast(spec, List.of())).getMessage();
    assertEquals(foretold, failure(runtime.prepare(spec)).getMessage());
    assertTrue(foretold.contains("it needs package acme.lib"), foretold);
    assertFalse(Files.list(temp.resolve("cache")).anyMatch(f -> f.toString().endsWith(".jar")));
  }

  private void component(String name, String references) throws Exception {
    TestBundle.of("acme." + name, "1.0.0")
        .header("Import-Package", "java.util.function")
        .component(
            Linked.class,
            "immediate=\"true\"",
            "<property name=\"link\" value=\""
                + name
                + "\"/><service><provide interface=\"java.util.function.Supplier\"/></service>"
                + references)
        .writeTo(repository());
  }

  private static String reference(String name) {
    return "<reference name=\"r\" interface=\"java.util.function.Supplier\" target=\"(link="
        + name
        + ")\" bind=\"bind\" unbind=\"unbind\"/>";
  }

  private ModuleForecast forecast(String name, boolean exclusive) throws Exception {
    String image = name.equals("m") ? "acme.one" : "acme." + name;
    return get(runtime.forecast(spec(name, image, exclusive), List.of()));
  }

  private static ModuleSpec spec(String name, String image, boolean exclusive) {
    return new ModuleSpec(
        name, ImageReference.parse(image), PullPolicy.ON_CREATE, Map.of(), Map.of(), exclusive);
  }

  private void run(ModuleSpec spec) throws Exception {
    get(runtime.install(get(runtime.prepare(spec))));
    get(runtime.start(spec.name()));
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static ModuleException failure(CompletionStage<?> stage) {
    ExecutionException e = assertThrows(ExecutionException.class, () -> get(stage));
    return (ModuleException) e.getCause();
  }
}
