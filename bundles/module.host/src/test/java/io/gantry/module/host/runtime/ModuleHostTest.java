package io.gantry.module.host.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.osgi.repository.ResourcesRepository;
import aQute.bnd.osgi.repository.XMLResourceGenerator;
import aQute.bnd.osgi.resource.ResourceBuilder;
import io.gantry.module.host.fixture.Crashing;
import io.gantry.module.host.fixture.Dying;
import io.gantry.module.host.fixture.Failing;
import io.gantry.module.host.fixture.Hanging;
import io.gantry.module.host.fixture.Settings;
import io.gantry.module.host.fixture.Throwing;
import io.gantry.module.host.fixture.Waiting;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.RepositoryRegistry.Collected;
import io.gantry.testkit.module.TestBundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.Version;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.cm.ConfigurationAdmin;

/** The module runtime in a real framework, with bundles made on the spot. */
@Timeout(300)
class ModuleHostTest {

  private static final String SERVICE =
      "<service><provide interface=\"java.util.function.Supplier\"/></service>";

  @TempDir Path temp;
  private RealTime time;
  private TestFramework framework;
  private ModuleHost host;
  private ModuleRuntime runtime;
  private final LinkedBlockingQueue<InstalledModule> told = new LinkedBlockingQueue<>();

  @BeforeEach
  void setUp() throws Exception {
    Files.createDirectories(repository());
    time = new RealTime();
    boot();
  }

  private void boot() throws Exception {
    framework = new TestFramework(temp.resolve("felix"));
    host =
        new ModuleHost(
            framework.context(),
            new HostSettings(
                List.of(repository().toString()), temp.resolve("cache"), TestFramework.LIMITS),
            framework.services(time));
    runtime = host.runtime();
    runtime.listen(told::add);
  }

  @AfterEach
  void tearDown() throws Exception {
    shutDown();
    time.close();
  }

  private void shutDown() throws Exception {
    if (framework.context() != null) {
      host.close();
    }
    framework.close();
  }

  private Path repository() {
    return temp.resolve("repository");
  }

  // ---- the usual life ----------------------------------------------------------------------

  @Test
  void aModuleIsPreparedInstalledStartedStoppedAndRemoved() throws Exception {
    settingsBundle("1.0.0").writeTo(repository());
    install(spec("m", "acme.settings"));
    assertEquals(State.STOPPED, module("m").state());
    Bundle bundle = bundle("m");
    assertTrue(bundle.getLocation().startsWith("gantry:module/m/"));

    get(runtime.start("m"));
    assertEquals(State.RUNNING, module("m").state());
    assertEquals(Bundle.ACTIVE, bundle.getState());

    get(runtime.stop("m"));
    assertEquals(State.STOPPED, module("m").state());
    assertFalse(bundle.getState() == Bundle.ACTIVE);

    get(runtime.remove("m"));
    assertEquals(List.of(), runtime.modules());
    assertEquals(Bundle.UNINSTALLED, bundle.getState());
    assertNull(framework.service(ConfigurationAdmin.class).listConfigurations(null));
    assertTrue(told.isEmpty(), "what a step does is not told: " + told);
  }

  @Test
  void startingStoppingAndRemovingTwiceDoesNothingMore() throws Exception {
    settingsBundle("1.0.0").writeTo(repository());
    run(spec("m", "acme.settings"));
    get(runtime.start("m"));
    get(runtime.stop("m"));
    get(runtime.stop("m"));
    get(runtime.remove("m"));
    get(runtime.remove("m"));
    assertTrue(failure(runtime.start("m")).contains("is not installed"));
  }

  /** Else the agent would restart modules while the gateway goes down. */
  @Test
  void modulesLeaveFirstAndInSilenceWhenTheFrameworkStops() throws Exception {
    settingsBundle("1.0.0").writeTo(repository());
    run(spec("m", "acme.settings"));
    Bundle bundle = bundle("m");
    assertEquals(5, bundle.adapt(BundleStartLevel.class).getStartLevel());
    framework.close();
    assertFalse(bundle.getState() == Bundle.ACTIVE);
    assertNull(told.poll(200, TimeUnit.MILLISECONDS));
  }

  @Test
  void theHighestVersionInTheRangeIsTaken() throws Exception {
    for (String version : List.of("1.0.0", "1.2.0", "2.0.0")) {
      settingsBundle(version).writeTo(repository());
    }
    assertEquals("2.0.0", get(runtime.prepare(spec("m", "acme.settings"))).version());
    assertEquals("1.2.0", get(runtime.prepare(spec("m", "acme.settings:[1.0,2.0)"))).version());
    assertEquals("1.0.0", get(runtime.prepare(spec("m", "acme.settings:1.0.0"))).version());
    String text = failure(runtime.prepare(spec("m", "acme.settings:[3,4)")));
    assertTrue(text.contains("acme.settings in version [3,4) is not in"), text);
    assertTrue(text.contains("there is 2.0.0, 1.2.0, 1.0.0"), text);
  }

  // ---- configuration -----------------------------------------------------------------------

  @Test
  void twoModulesOfOneBundleSeeOnlyTheirOwnSettings() throws Exception {
    settingsBundle("1.0.0").writeTo(repository());
    run(
        new ModuleSpec(
            "a",
            ImageReference.parse("acme.settings"),
            PullPolicy.ON_CREATE,
            Map.of("Interval", "5"),
            Map.of("acme.settings", Map.of("limit", 7L, "names", List.of("x", "y")))));
    run(spec("b", "acme.settings"));
    assertEquals("{Interval=5, limit=7, names=[x, y]}", seenBy("a"));
    assertEquals("{}", seenBy("b"));

    run(
        new ModuleSpec(
            "b",
            ImageReference.parse("acme.settings"),
            PullPolicy.ON_CREATE,
            Map.of("Interval", "9"),
            Map.of("acme.settings", Map.of("ratio", 0.5, "on", true))));
    assertEquals("{Interval=9, on=true, ratio=0.5}", seenBy("b"));
    assertEquals("{Interval=5, limit=7, names=[x, y]}", seenBy("a"));
  }

  private String seenBy(String module) throws Exception {
    return String.valueOf(framework.serviceOf(bundle(module), Supplier.class).get());
  }

  // ---- shared bundles ----------------------------------------------------------------------

  @Test
  void aSharedBundleIsInstalledOnceAndLeavesWithItsLastUser() throws Exception {
    library("1.0.0").writeTo(repository());
    user("acme.one", "1.0.0", "[1.0,2.0)").writeTo(repository());
    user("acme.two", "1.0.0", "[1.0,2.0)").writeTo(repository());
    run(spec("one", "acme.one"));
    run(spec("two", "acme.two"));
    assertEquals(1, bundles("acme.lib").size());
    assertEquals(1, module("two").prepared().shared().size());

    get(runtime.remove("one"));
    assertEquals(1, bundles("acme.lib").size());
    assertEquals(State.RUNNING, module("two").state());
    get(runtime.remove("two"));
    assertEquals(0, bundles("acme.lib").size());
    assertTrue(wiring().getRemovalPendingBundles().isEmpty());
  }

  @Test
  void whatIsInstalledIsPreferredToANewerVersion() throws Exception {
    library("1.0.0").writeTo(repository());
    user("acme.one", "1.0.0", "[1.0,2.0)").writeTo(repository());
    user("acme.two", "1.0.0", "[1.0,2.0)").writeTo(repository());
    run(spec("one", "acme.one"));
    library("1.1.0").writeTo(repository());
    run(spec("two", "acme.two"));
    assertEquals("1.0.0", module("two").prepared().shared().get(0).version());
  }

  /** The walls: a module may export what it likes, nobody is wired to it. */
  @Test
  void anUpdateOfOneModuleDisturbsNobodyElse() throws Exception {
    library("1.0.0").writeTo(repository());
    String[] names = {"acme.one", "acme.two", "acme.three"};
    for (String name : names) {
      user(name, "1.0.0", "[1.0,2.0)")
          .header("Export-Package", "acme.common;version=1.0.0")
          .header("DynamicImport-Package", "acme.common")
          .writeTo(repository());
      run(spec(name, name));
    }
    user("acme.one", "1.1.0", "[1.0,3.0)").writeTo(repository());
    library("2.0.0").writeTo(repository());
    LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
    SynchronousBundleListener listener =
        event -> {
          if (!event.getBundle().getSymbolicName().equals("acme.one")
              && event.getType() != BundleEvent.INSTALLED) {
            events.add(event.getBundle() + " " + event.getType());
          }
        };
    framework.context().addBundleListener(listener);
    PreparedModule update = get(runtime.prepare(spec("acme.one", "acme.one")));
    get(runtime.install(update));
    get(runtime.start("acme.one"));
    framework.context().removeBundleListener(listener);

    assertEquals("1.1.0", module("acme.one").prepared().version());
    assertEquals(new Version("1.1.0"), bundle("acme.one").getVersion());
    assertEquals(List.of(), List.copyOf(events));
    assertEquals(1, bundles("acme.one").size());
  }

  @Test
  void aModuleThatCannotBeInstalledLeavesTheOldOneRunning() throws Exception {
    settingsBundle("1.0.0").writeTo(repository());
    run(spec("m", "acme.settings"));
    Bundle old = bundle("m");
    settingsBundle("2.0.0").writeTo(repository());
    PreparedModule update = get(runtime.prepare(spec("m", "acme.settings")));
    Files.writeString(cached(update.sha256()), "flash has worn");
    String text = failure(runtime.install(update));
    assertTrue(text.contains("found another content"), text);
    assertEquals(State.RUNNING, module("m").state());
    assertEquals(Bundle.ACTIVE, old.getState());
  }

  // ---- failures ----------------------------------------------------------------------------

  @Test
  void anActivatorThatThrowsFailsTheStart() throws Exception {
    TestBundle.of("acme.throwing", "1.0.0")
        .activator(Throwing.class)
        .header("Import-Package", "org.osgi.framework")
        .writeTo(repository());
    install(spec("m", "acme.throwing"));
    String text = failure(runtime.start("m"));
    assertTrue(text.contains("its activator threw"), text);
    assertTrue(text.contains("no serial port"), text);
    assertEquals(State.FAILED, module("m").state());
    assertEquals(Optional.of(text), module("m").error());
  }

  /** Not even what the virtual machine throws at it may take more with it than the module. */
  @ParameterizedTest
  @ValueSource(
      classes = {
        StackOverflowError.class,
        OutOfMemoryError.class,
        ThreadDeath.class,
        NoClassDefFoundError.class,
        InterruptedException.class
      })
  void whateverAnActivatorThrowsFailsTheStart(Class<? extends Throwable> thrown) throws Exception {
    TestBundle.of("acme.dying", "1.0.0")
        .activator(Dying.class)
        .header("X-Throws", thrown.getName())
        .header("Import-Package", "org.osgi.framework")
        .writeTo(repository());
    install(spec("m", "acme.dying"));
    String text = failure(runtime.start("m"));
    assertEquals("module m did not start: its activator threw " + thrown.getName(), text);
    assertEquals(State.FAILED, module("m").state());
    assertEquals(Optional.of(text), module("m").error());
    settingsBundle("1.0.0").writeTo(repository());
    run(spec("other", "acme.settings"));
    get(runtime.remove("m"));
  }

  @Test
  void anActivatorThatHangsFailsAndHoldsUpNobody() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    System.getProperties().put(Hanging.LATCH, latch);
    TestBundle.of("acme.hanging", "1.0.0")
        .activator(Hanging.class)
        .header("Import-Package", "org.osgi.framework")
        .writeTo(repository());
    settingsBundle("1.0.0").writeTo(repository());
    install(spec("bad", "acme.hanging"));
    CompletionStage<Void> start = runtime.start("bad");
    run(spec("good", "acme.settings"));
    assertEquals(State.STARTING, module("bad").state());

    Hangs.giveUp(time, "bad");
    String text = failure(start);
    assertTrue(text.contains("did not start within 70 s; it hangs at"), text);
    assertEquals(State.FAILED, module("bad").state());
    assertTrue(failure(runtime.start("bad")).contains("still hangs"));
    Bundle hanging = bundle("bad");
    get(runtime.remove("bad"));
    assertEquals(List.of("good"), runtime.modules().stream().map(InstalledModule::name).toList());
    get(runtime.stop("good"));
    get(runtime.start("good"));

    CountDownLatch gone = new CountDownLatch(1);
    framework
        .context()
        .addBundleListener(
            event -> {
              if (event.getType() == BundleEvent.UNINSTALLED) {
                gone.countDown();
              }
            });
    latch.countDown();
    assertTrue(gone.await(60, TimeUnit.SECONDS));
    assertEquals(Bundle.UNINSTALLED, hanging.getState());
    System.getProperties().remove(Hanging.LATCH);
  }

  @Test
  void aHangThatCanBeInterruptedEndsWithTheTimeLimit() throws Exception {
    TestBundle.of("acme.waiting", "1.0.0")
        .activator(Waiting.class)
        .header("Import-Package", "org.osgi.framework")
        .writeTo(repository());
    install(spec("m", "acme.waiting"));
    CompletionStage<Void> start = runtime.start("m");
    Hangs.giveUp(time, "m");
    assertTrue(failure(start).contains("within 70 s"));
    get(runtime.remove("m"));
    assertEquals(List.of(), runtime.modules());
  }

  @Test
  void aComponentThatCannotBeActivatedFailsTheStart() throws Exception {
    TestBundle.of("acme.failing", "1.0.0")
        .component(Failing.class, "immediate=\"true\"", SERVICE)
        .writeTo(repository());
    install(spec("m", "acme.failing"));
    String text = failure(runtime.start("m"));
    assertTrue(text.contains("component Failing could not be activated"), text);
    assertTrue(text.contains("bad calibration file"), text);
    assertEquals(State.FAILED, module("m").state());
    assertFalse(bundle("m").getState() == Bundle.ACTIVE);
  }

  @Test
  void aComponentThatFailsLaterIsToldAsAFailure() throws Exception {
    TestBundle.of("acme.failing", "1.0.0")
        .component(Failing.class, "immediate=\"false\"", SERVICE)
        .writeTo(repository());
    run(spec("m", "acme.failing"));
    assertEquals(State.RUNNING, module("m").state());
    assertThrows(
        NullPointerException.class,
        () -> framework.serviceOf(bundle("m"), Supplier.class).get(),
        "the component gives no service");
    InstalledModule failed = nextTold();
    assertEquals(State.FAILED, failed.state());
    assertTrue(failed.error().orElseThrow().contains("bad calibration file"));
  }

  @Test
  void aComponentThatWaitsIsNoFailureButIsSaid() throws Exception {
    TestBundle.of("acme.patient", "1.0.0")
        .component(
            Settings.class,
            "immediate=\"true\" activate=\"activate\"",
            "<reference name=\"bus\" interface=\"java.lang.Runnable\"/>")
        .writeTo(repository());
    run(spec("m", "acme.patient"));
    assertEquals(State.RUNNING, module("m").state());
    assertEquals(
        Optional.of("component Settings waits for the service java.lang.Runnable"),
        module("m").error());
  }

  @Test
  void aThreadThatDiesTakesItsModuleWithIt() throws Exception {
    TestBundle.of("acme.crashing", "1.0.0")
        .activator(Crashing.class)
        .header("Import-Package", "org.osgi.framework")
        .writeTo(repository());
    run(spec("a", "acme.crashing"));
    run(spec("b", "acme.crashing"));
    framework.serviceOf(bundle("b"), Runnable.class).run();
    InstalledModule failed = nextTold();
    assertEquals("b", failed.name());
    assertEquals(State.FAILED, failed.state());
    assertTrue(failed.error().orElseThrow().contains("worker ended with"));
    assertEquals(State.RUNNING, module("a").state());
    get(runtime.start("b"));
    assertEquals(State.RUNNING, module("b").state());
  }

  @Test
  void aBundleThatSomebodyElseStopsStartsOrUninstallsIsTold() throws Exception {
    settingsBundle("1.0.0").writeTo(repository());
    run(spec("m", "acme.settings"));
    bundle("m").stop();
    assertEquals(State.STOPPED, nextTold().state());
    bundle("m").start();
    assertEquals(State.RUNNING, nextTold().state());
    bundle("m").uninstall();
    InstalledModule gone = nextTold();
    assertEquals(State.STOPPED, gone.state());
    // It is stopped first, and whoever looks at that moment tells so, and a second time soon.
    HostRig.until("it is gone", () -> runtime.modules().isEmpty());
  }

  // ---- resolution --------------------------------------------------------------------------

  @Test
  void whatIsMissingIsSaidWithWhoAsksAndWhatIsThereInstead() throws Exception {
    library("2.1.0").writeTo(repository());
    user("acme.one", "1.0.0", "[1.0,2.0)").writeTo(repository());
    String text = failure(runtime.prepare(spec("m", "acme.one")));
    assertEquals(
        "module m (acme.one 1.0.0) cannot be resolved: it needs package acme.lib [1.0.0,2.0.0),"
            + " which is neither in the runtime nor in "
            + repository()
            + "; there is 2.1.0 in acme.lib 2.1.0",
        text);
  }

  @Test
  void aModuleForAnotherJavaIsRefusedInWords() throws Exception {
    TestBundle.of("acme.future", "1.0.0")
        .header("Require-Capability", "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=99))\"")
        .writeTo(repository());
    String text = failure(runtime.prepare(spec("m", "acme.future")));
    assertTrue(text.contains("it needs Java platform JavaSE 99"), text);
    assertTrue(text.contains("runs Java " + Runtime.version().feature()), text);
  }

  @Test
  void theChainToWhatIsMissingIsSaid() throws Exception {
    library("1.0.0").header("Import-Package", "acme.base;version=\"[3,4)\"").writeTo(repository());
    user("acme.one", "1.0.0", "[1.0,2.0)").writeTo(repository());
    String text = failure(runtime.prepare(spec("m", "acme.one")));
    assertTrue(
        text.contains(
            "it needs acme.lib 1.0.0 (for package acme.lib [1.0.0,2.0.0)), which needs package"
                + " acme.base [3.0.0,4.0.0), which is neither"),
        text);
    assertTrue(text.endsWith("no other version of it is there either"), text);
  }

  /** The nearest are said first, and where they are when there are several places. */
  @Test
  void theNearestVersionsAreSaid() throws Exception {
    for (String version : List.of("0.5.0", "0.9.0", "2.0.0", "2.1.0", "3.0.0", "4.0.0")) {
      library(version).writeTo(repository());
    }
    user("acme.one", "1.0.0", "[1.0,2.0)").writeTo(repository());
    String text = failure(runtime.prepare(spec("m", "acme.one")));
    assertTrue(
        text.endsWith(
            "; there is 2.0.0 in acme.lib 2.0.0, 0.9.0 in acme.lib 0.9.0, 2.1.0 in acme.lib 2.1.0,"
                + " 0.5.0 in acme.lib 0.5.0, 3.0.0 in acme.lib 3.0.0"),
        text);
    String module = failure(runtime.prepare(spec("m", "acme.lib:[1.0,2.0)")));
    assertTrue(module.endsWith("; there is 2.0.0, 0.9.0, 2.1.0, 0.5.0, 3.0.0"), module);
    String elsewhere = failure(runtime.prepare(spec("m", temp.resolve("other") + "/acme.lib")));
    assertTrue(elsewhere.contains("4.0.0 in " + repository()), elsewhere);
    assertTrue(elsewhere.contains("but the image asks for this repository"), elsewhere);
  }

  @Test
  void aSingletonThatIsInTheWayIsNamed() throws Exception {
    for (String version : List.of("1.0.0", "2.0.0")) {
      library(version)
          .header("Bundle-SymbolicName", "acme.lib;singleton:=true")
          .writeTo(repository());
    }
    user("acme.one", "1.0.0", "[1.0,2.0)").writeTo(repository());
    user("acme.two", "1.0.0", "[2.0,3.0)").writeTo(repository());
    run(spec("one", "acme.one"));
    String text = failure(runtime.prepare(spec("two", "acme.two")));
    assertEquals(
        "module two (acme.two 1.0.0) cannot be resolved: it needs package acme.lib [2.0.0,3.0.0),"
            + " which acme.lib 2.0.0 in "
            + repository()
            + " has; but that is a singleton, and no second version of it can be beside acme.lib"
            + " 1.0.0 (installed), which stays for as long as it is used",
        text);
  }

  /** What a module exports is its own affair. */
  @Test
  void aModuleIsNoProviderForAnother() throws Exception {
    library("1.0.0").writeTo(repository());
    run(spec("lib", "acme.lib"));
    Files.delete(repository().resolve("acme.lib-1.0.0.jar"));
    user("acme.one", "1.0.0", "[1.0,2.0)").writeTo(repository());
    String text = failure(runtime.prepare(spec("m", "acme.one")));
    assertTrue(text.contains("package acme.lib"), text);
  }

  @Test
  void aWrongPinIsRefusedWithBothDigests() throws Exception {
    settingsBundle("1.0.0").writeTo(repository());
    String sha256 = get(runtime.prepare(spec("m", "acme.settings"))).sha256();
    assertEquals(
        sha256, get(runtime.prepare(spec("m", "acme.settings:1.0.0@sha256:" + sha256))).sha256());
    String wrong = "0".repeat(64);
    String text = failure(runtime.prepare(spec("m", "acme.settings:1.0.0@sha256:" + wrong)));
    assertTrue(text.contains("expected sha256:" + wrong + ", found sha256:" + sha256), text);
    assertEquals(List.of(), runtime.modules());
  }

  @Test
  void aJarThatIsNotWhatTheIndexSaysIsRefused() throws Exception {
    Path jar = settingsBundle("1.0.0").writeTo(repository());
    ResourceBuilder index = new ResourceBuilder();
    index.addFile(jar.toFile(), jar.toUri());
    new XMLResourceGenerator()
        .repository(new ResourcesRepository(index.build()))
        .save(repository().resolve("index.xml").toFile());
    get(runtime.prepare(spec("m", "acme.settings")));
    deleteAll(temp.resolve("cache"));
    Files.createDirectories(temp.resolve("cache"));
    settingsBundle("1.0.0").entry("evil.txt", "evil").writeTo(repository());
    String text = failure(runtime.prepare(spec("m", "acme.settings")));
    assertTrue(text.contains("acme.settings 1.0.0 from file:"), text);
    assertTrue(text.contains("has a wrong digest: expected sha256:"), text);
    assertTrue(text.endsWith("; nothing was installed"), text);
  }

  /** A singleton cannot be resolved beside its former version, so the old one goes first. */
  @Test
  void aSingletonIsReplacedToo() throws Exception {
    for (String version : List.of("1.0.0", "2.0.0")) {
      TestBundle.of("acme.single", version)
          .header("Bundle-SymbolicName", "acme.single;singleton:=true")
          .writeTo(repository());
      run(spec("m", "acme.single"));
      assertEquals(new Version(version), bundle("m").getVersion());
      assertEquals(1, bundles("acme.single").size());
    }
  }

  /** Refused before anything is touched, not by the framework afterwards. */
  @Test
  void twoVersionsOfOnePackageThatWouldMeetAreSaid() throws Exception {
    library("1.0.0").writeTo(repository());
    library("2.0.0").writeTo(repository());
    TestBundle.of("acme.io", "1.0.0")
        .entry("acme/io/readme.txt", "a package")
        .header("Export-Package", "acme.io;version=1.0.0;uses:=\"acme.lib\"")
        .header("Import-Package", "acme.lib;version=\"[2,3)\"")
        .writeTo(repository());
    TestBundle.of("acme.one", "1.0.0")
        .header("Import-Package", "acme.lib;version=\"[1,2)\",acme.io")
        .writeTo(repository());
    String text = failure(runtime.prepare(spec("m", "acme.one")));
    assertTrue(text.contains("two versions of one package would meet in one bundle"), text);
  }

  // ---- without a repository ----------------------------------------------------------------

  @Test
  void afterARestartWhatWasPreparedIsInstalledWithoutAnyRepository() throws Exception {
    library("1.0.0").writeTo(repository());
    user("acme.one", "1.0.0", "[1.0,2.0)").writeTo(repository());
    run(spec("m", "acme.one"));
    PreparedModule before = module("m").prepared();
    shutDown();
    deleteAll(repository());

    boot();
    assertEquals(List.of(), runtime.modules());
    runtime.retain(List.of(before));
    get(runtime.install(before));
    get(runtime.start("m"));
    assertEquals(State.RUNNING, module("m").state());
    assertEquals(1, bundles("acme.lib").size());
  }

  /** A range may mean something newer, which only the repository could tell. */
  @Test
  void withoutItsRepositoryOnlyAnExactImageComesFromTheCache() throws Exception {
    library("1.0.0").writeTo(repository());
    user("acme.one", "1.0.0", "[1.0,2.0)").writeTo(repository());
    PreparedModule before = get(runtime.prepare(spec("m", "acme.one")));
    deleteAll(repository());

    for (String exact : List.of("acme.one:1.0.0", "acme.one@sha256:" + before.sha256())) {
      PreparedModule again = get(runtime.prepare(spec("m", exact)));
      assertEquals(before.sha256(), again.sha256());
      assertEquals(before.shared(), again.shared());
      assertEquals(exact, again.spec().image().toString());
    }
    ModuleException refusal = refusal(runtime.prepare(spec("m", "acme.one:[1,2)")));
    assertTrue(refusal.getMessage().contains("could not be read: it is not there"), "" + refusal);
    assertTrue(refusal.temporary(), "a disk may be mounted later");
    assertTrue(failure(runtime.prepare(spec("n", "acme.two:1.0.0"))).contains("could not be read"));
  }

  @Test
  void neverPullsOnlyFromTheCache() throws Exception {
    settingsBundle("1.0.0").writeTo(repository());
    ModuleSpec never =
        new ModuleSpec(
            "n", ImageReference.parse("acme.settings"), PullPolicy.NEVER, Map.of(), Map.of());
    assertTrue(failure(runtime.prepare(never)).contains("is not in the local cache"));
    get(runtime.prepare(spec("m", "acme.settings")));
    run(never);
    assertEquals(State.RUNNING, module("n").state());
  }

  /** Who knows the deployments says what of them may be wanted again. */
  @Test
  void theCacheKeepsWhatIsInstalledAndWhatIsToBeRetained() throws Exception {
    for (int i = 1; i <= 4; i++) {
      settingsBundle(i + ".0.0").writeTo(repository());
      run(spec("m", "acme.settings"));
    }
    assertEquals(4, cached(), "nobody has said anything yet");
    PreparedModule second = get(runtime.prepare(spec("old", "acme.settings:2.0.0")));
    PreparedModule third = get(runtime.prepare(spec("old", "acme.settings:3.0.0")));
    runtime.retain(List.of(second));
    get(runtime.stop("m"));
    assertEquals(3, cached(), "what runs, what is retained, what was prepared last");
    runtime.retain(List.of(third));
    get(runtime.stop("m"));
    assertEquals(2, cached());
    get(runtime.remove("m"));
    assertEquals(1, cached());
    assertTrue(Files.exists(cached(third.sha256())));
  }

  @Test
  void collectingDeletesNothingBeforeSomebodyHasSaidWhatIsNeeded() throws Exception {
    settingsBundle("1.0.0").writeTo(repository());
    run(spec("m", "acme.settings"));
    get(runtime.remove("m"));
    long size = Files.size(repository().resolve("acme.settings-1.0.0.jar"));
    assertEquals(new Collected(0, 0, 1, size), get(host.repositories().collect()));
    settingsBundle("2.0.0").writeTo(repository());
    get(runtime.prepare(spec("m", "acme.settings")));
    runtime.retain(List.of());
    get(runtime.stop("m"));
    assertEquals(new Collected(0, 0, 1, size), get(host.repositories().collect()), "prepared");
  }

  private long cached() throws Exception {
    try (Stream<Path> files = Files.list(temp.resolve("cache"))) {
      return files.filter(file -> file.toString().endsWith(".jar")).count();
    }
  }

  @Test
  void aSecondHostCleansUpAfterTheFirst() throws Exception {
    settingsBundle("1.0.0").writeTo(repository());
    run(spec("m", "acme.settings"));
    host.close();
    host =
        new ModuleHost(
            framework.context(),
            new HostSettings(
                List.of(repository().toString()), temp.resolve("cache"), TestFramework.LIMITS),
            framework.services(time));
    runtime = host.runtime();
    assertEquals(List.of(), bundles("acme.settings"));
    run(spec("m", "acme.settings"));
    assertEquals(State.RUNNING, module("m").state());
  }

  // ---- tools -------------------------------------------------------------------------------

  /** With the requirements that bnd gives every component. */
  private static TestBundle settingsBundle(String version) {
    return TestBundle.of("acme.settings", version)
        .header("Import-Package", "java.util,java.util.function")
        .header(
            "Require-Capability",
            "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=17))\",osgi.extender;filter:="
                + "\"(&(osgi.extender=osgi.component)(version>=1.5.0)(!(version>=2.0.0)))\","
                + "osgi.service;filter:=\"(objectClass=acme.Unknown)\";effective:=active")
        .component(
            Settings.class,
            "activate=\"activate\" configuration-pid=\"io.gantry.module acme.settings\"",
            SERVICE);
  }

  private static TestBundle library(String version) {
    return TestBundle.of("acme.lib", version)
        .entry("acme/lib/readme.txt", "a package")
        .header("Export-Package", "acme.lib;version=" + version);
  }

  private static TestBundle user(String name, String version, String range) {
    return TestBundle.of(name, version)
        .header("Import-Package", "acme.lib;version=\"" + range + "\"")
        .entry("acme/common/" + name + ".txt", name);
  }

  private static ModuleSpec spec(String name, String image) {
    return new ModuleSpec(
        name, ImageReference.parse(image), PullPolicy.ON_CREATE, Map.of(), Map.of());
  }

  private void install(ModuleSpec spec) throws Exception {
    get(runtime.install(get(runtime.prepare(spec))));
  }

  private void run(ModuleSpec spec) throws Exception {
    install(spec);
    get(runtime.start(spec.name()));
  }

  private InstalledModule module(String name) {
    return runtime.modules().stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  private Bundle bundle(String module) {
    return Arrays.stream(framework.context().getBundles())
        .filter(b -> b.getLocation().startsWith("gantry:module/" + module + "/"))
        .findFirst()
        .orElseThrow();
  }

  private List<Bundle> bundles(String symbolicName) {
    return Arrays.stream(framework.context().getBundles())
        .filter(b -> symbolicName.equals(b.getSymbolicName()))
        .toList();
  }

  private FrameworkWiring wiring() {
    return framework.context().getBundle(0).adapt(FrameworkWiring.class);
  }

  private Path cached(String sha256) {
    return temp.resolve("cache").resolve(sha256 + ".jar");
  }

  private InstalledModule nextTold() throws InterruptedException {
    InstalledModule next = told.poll(60, TimeUnit.SECONDS);
    assertTrue(next != null, "nothing was told");
    assertSame(next.state(), module(runtime, next).orElse(next).state());
    return next;
  }

  private static Optional<InstalledModule> module(ModuleRuntime runtime, InstalledModule told) {
    return runtime.modules().stream().filter(m -> m.name().equals(told.name())).findFirst();
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static String failure(CompletionStage<?> stage) {
    return refusal(stage).getMessage();
  }

  private static ModuleException refusal(CompletionStage<?> stage) {
    ExecutionException e = assertThrows(ExecutionException.class, () -> get(stage));
    return assertThrows(
        ModuleException.class,
        () -> {
          throw e.getCause();
        });
  }

  private static void deleteAll(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
