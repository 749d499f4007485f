package io.gantry.module.host.runtime;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fixture.Checked;
import io.gantry.module.host.fixture.Fickle;
import io.gantry.module.host.fixture.Hanging;
import io.gantry.module.host.fixture.Leaving;
import io.gantry.module.host.fixture.Recorded;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.spi.module.PreparedModule;
import io.gantry.testkit.module.FakeModuleTraffic;
import io.gantry.testkit.module.TestBundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleReference;

/** A module host in a real framework, with traffic that is remembered, and a folder of bundles. */
final class HostRig implements AutoCloseable {

  final RealTime time = new RealTime();
  final TestFramework framework;
  ModuleHost host;
  ModuleRuntime runtime;

  /** What modules ({@link Recorded}, {@link Checked}) and traffic did, in order. */
  final Queue<String> events = new ConcurrentLinkedQueue<>();

  final FakeModuleTraffic traffic = new FakeModuleTraffic(events::add);
  final LinkedBlockingQueue<InstalledModule> told = new LinkedBlockingQueue<>();
  private final Path temp;
  private final Path repository;

  HostRig(Path temp) throws Exception {
    this.temp = temp;
    repository = Files.createDirectories(temp.resolve("repository"));
    framework = new TestFramework(temp.resolve("felix"));
    System.getProperties().put(Recorded.EVENTS, events);
    begin();
  }

  private void begin() throws Exception {
    host =
        new ModuleHost(
            framework.context(),
            new HostSettings(
                List.of(repository.toString()), temp.resolve("cache"), TestFramework.LIMITS),
            framework.services(time));
    runtime = host.runtime();
    runtime.listen(told::add);
    host.use(traffic);
  }

  void installHealthChecks() throws Exception {
    framework.installHealthChecks(host, 60_000);
  }

  /** Another host takes up the work in the same framework. */
  void restart() {
    host.close();
    try {
      begin();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the health checks of {@link Checked} say, by version: {@code OK fine}. */
  void health(Function<String, String> health) {
    System.getProperties().put(Checked.HEALTH, health);
  }

  void offer(TestBundle bundle) throws Exception {
    bundle.writeTo(repository);
  }

  /** A bundle that writes down when it is started and stopped. */
  static TestBundle recorded(String version) {
    return TestBundle.of("acme.recorded", version)
        .activator(Recorded.class)
        .header("Import-Package", "org.osgi.framework");
  }

  /** Besides, it has a health check. */
  static TestBundle checked(String version) {
    return TestBundle.of("acme.checked", version)
        .activator(Checked.class)
        .type(Recorded.class)
        .header("X-Check", "pump pressure")
        .header("Import-Package", "org.osgi.framework,org.apache.felix.hc.api");
  }

  static ModuleSpec spec(String name, String image) {
    return new ModuleSpec(
        name, ImageReference.parse(image), PullPolicy.ON_CREATE, Map.of(), Map.of());
  }

  static ModuleSpec exclusive(ModuleSpec spec) {
    return new ModuleSpec(
        spec.name(), spec.image(), spec.pull(), spec.environment(), spec.configuration(), true);
  }

  PreparedModule prepare(ModuleSpec spec) throws Exception {
    return get(runtime.prepare(spec));
  }

  void run(ModuleSpec spec) throws Exception {
    get(runtime.install(prepare(spec)));
    get(runtime.start(spec.name()));
  }

  InstalledModule module(String name) {
    return runtime.modules().stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  /** Lets the starts or stops of these, which hang, reach their limit. */
  void giveUp(String... whose) {
    Hangs.giveUp(time, whose);
  }

  /** The newest generation of the module. */
  Bundle bundle(String module) {
    return generations(module).stream()
        .max(Comparator.comparingLong(Bundle::getBundleId))
        .orElseThrow();
  }

  List<Bundle> generations(String module) {
    return Arrays.stream(framework.context().getBundles())
        .filter(b -> b.getLocation().startsWith("gantry:module/" + module + "/"))
        .toList();
  }

  /** The thread of {@link Leaving} that is taken for one of this bundle's. */
  static Optional<Thread> poller(Bundle owner) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("poller"))
        .filter(
            thread ->
                thread.getContextClassLoader() instanceof BundleReference loader
                    && loader.getBundle().equals(owner))
        .findFirst();
  }

  static ModuleLocation location(Bundle bundle) {
    return ModuleLocation.parse(bundle.getLocation()).orElseThrow();
  }

  InstalledModule nextTold() throws InterruptedException {
    InstalledModule next = told.poll(60, TimeUnit.SECONDS);
    assertTrue(next != null, "nothing was told");
    return next;
  }

  static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  static String failure(CompletionStage<?> stage) {
    ExecutionException e = assertThrows(ExecutionException.class, () -> get(stage));
    return String.valueOf(assertInstanceOf(ModuleException.class, e.getCause()).getMessage());
  }

  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, "waited for 60 s until " + what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  @Override
  public void close() throws Exception {
    host.close();
    framework.close();
    time.close();
    System.getProperties().remove(Recorded.EVENTS);
    System.getProperties().remove(Checked.HEALTH);
    System.getProperties().remove(Hanging.LATCH);
    System.getProperties().remove(Fickle.BROKEN);
  }
}
