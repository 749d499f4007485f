package io.gantry.module.host.runtime;

import static io.gantry.module.host.runtime.HostRig.failure;
import static io.gantry.module.host.runtime.HostRig.get;
import static io.gantry.module.host.runtime.HostRig.recorded;
import static io.gantry.module.host.runtime.HostRig.spec;
import static io.gantry.module.host.runtime.HostRig.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fixture.Hanging;
import io.gantry.module.host.fixture.Leaving;
import io.gantry.module.host.fixture.Stuck;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.PreparedModule;
import io.gantry.testkit.module.TestBundle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

/** What modules bring along and share: whom it holds up, and how long it stays. */
@Timeout(300)
class SharedBundlesTest {

  @TempDir Path temp;
  private final CountDownLatch latch = new CountDownLatch(1);
  private HostRig rig;

  @BeforeEach
  void boot() throws Exception {
    rig = new HostRig(temp);
    System.getProperties().put(Hanging.LATCH, latch);
  }

  @AfterEach
  void shutDown() throws Exception {
    latch.countDown();
    rig.close();
  }

  // ---- that hang ---------------------------------------------------------------------------

  /** It stops when its last user has left, and only the removal of that one waits for it. */
  @Test
  void oneThatHangsInItsStopHoldsUpNoOtherModule() throws Exception {
    rig.offer(active(library("acme.lib", "1.0.0"), Stuck.class));
    rig.offer(needing("acme.one", "1.0.0", "acme.lib"));
    rig.offer(recorded("1.0.0"));
    rig.run(spec("one", "acme.one"));
    PreparedModule one = rig.module("one").prepared();
    CompletionStage<Void> removal = rig.runtime.remove("one");
    until("it stops", () -> bundle("acme.lib").getState() == Bundle.STOPPING);
    rig.run(spec("other", "acme.recorded"));
    get(rig.runtime.stop("other"));
    get(rig.runtime.remove("other"));

    rig.giveUp("acme.lib-1.0.0");
    get(removal);
    assertEquals(List.of(), rig.runtime.modules());
    assertEquals(List.of(), rig.generations("one"));
    String text = failure(rig.runtime.install(one));
    assertTrue(
        text.startsWith(
            "module one cannot be installed: bundle acme.lib 1.0.0 did not stop within 70 s; it"
                + " hangs at "),
        text);
    latch.countDown();
    until("it has left", () -> bundles("acme.lib").isEmpty());
    get(rig.runtime.install(one));
    get(rig.runtime.start("one"));
    assertEquals(State.RUNNING, rig.module("one").state());
  }

  @Test
  void oneThatHangsInItsStartHoldsUpOnlyThoseWhoNeedIt() throws Exception {
    rig.offer(active(library("acme.lib", "1.0.0"), Hanging.class));
    rig.offer(needing("acme.one", "1.0.0", "acme.lib"));
    rig.offer(recorded("1.0.0"));
    get(rig.runtime.install(rig.prepare(spec("one", "acme.one"))));
    get(rig.runtime.install(rig.prepare(spec("two", "acme.one"))));
    CompletionStage<Void> one = rig.runtime.start("one");
    CompletionStage<Void> two = rig.runtime.start("two");
    rig.run(spec("other", "acme.recorded"));
    rig.giveUp("one", "two");
    assertTrue(failure(one).contains("module one did not start within 70 s; it hangs at"));
    assertTrue(failure(two).contains("module two did not start within 70 s; it hangs at"));
    get(rig.runtime.remove("one"));
    get(rig.runtime.remove("two"));
    assertFalse(bundles("acme.lib").isEmpty(), "it holds its bundle");
    latch.countDown();
    until("it has left", () -> bundles("acme.lib").isEmpty());
    until("its users have left", () -> bundles("acme.one").isEmpty());
  }

  /** What is left of a former host must not keep the next one from its work for ever. */
  @Test
  void oneThatAFormerHostLeftAndThatHangsIsNotWaitedForAnyLonger() throws Exception {
    rig.offer(active(library("acme.lib", "1.0.0"), Stuck.class));
    rig.offer(needing("acme.one", "1.0.0", "acme.lib"));
    rig.offer(recorded("1.0.0"));
    rig.run(spec("one", "acme.one"));
    CompletableFuture<Void> restart = CompletableFuture.runAsync(rig::restart);
    until("it stops", () -> bundle("acme.lib").getState() == Bundle.STOPPING);
    rig.giveUp("acme.lib-1.0.0");
    get(restart);
    assertEquals(List.of(), rig.generations("one"));
    rig.run(spec("other", "acme.recorded"));
    assertEquals(State.RUNNING, rig.module("other").state());
  }

  // ---- whose threads -----------------------------------------------------------------------

  /** Else its thread would hold a module that has long been replaced, and be taken for its own. */
  @Test
  void aThreadOfOneIsNotThatOfTheModuleThatHappenedToStartIt() throws Exception {
    rig.offer(active(library("acme.lib", "1.0.0"), Leaving.class));
    rig.offer(needing("acme.one", "1.0.0", "acme.lib"));
    rig.run(spec("one", "acme.one"));
    assertTrue(HostRig.poller(bundle("acme.lib")).isPresent());
    assertTrue(HostRig.poller(rig.bundle("one")).isEmpty());
  }

  // ---- that are wired to others ------------------------------------------------------------

  /** What another module has brought meanwhile may be newer, but it leaves with that one. */
  @Test
  void oneIsWiredToWhatItsModuleWasPreparedWith() throws Exception {
    rig.offer(library("acme.base", "1.0.0"));
    rig.offer(needing(library("acme.lib", "1.0.0"), "acme.base"));
    rig.offer(needing("acme.one", "1.0.0", "acme.lib"));
    PreparedModule one = rig.prepare(spec("one", "acme.one"));
    rig.offer(library("acme.base", "2.0.0"));
    rig.offer(needing("acme.two", "1.0.0", "acme.base;version=2"));
    rig.run(spec("two", "acme.two"));

    get(rig.runtime.install(one));
    get(rig.runtime.start("one"));
    assertEquals(Set.of("acme.base 1.0.0"), providers(bundle("acme.lib")));
    get(rig.runtime.remove("two"));
    assertEquals(1, bundles("acme.base").size());
    assertEquals(Set.of(), pending());
    get(rig.runtime.remove("one"));
    assertEquals(List.of(), bundles("acme.base"));
    assertEquals(Set.of(), pending());
  }

  /** Two modules were prepared before either was there, and found different versions. */
  @Test
  void oneStaysAsLongAsAnotherOneThatIsWiredToIt() throws Exception {
    rig.offer(library("acme.base", "1.0.0"));
    rig.offer(needing(library("acme.lib", "1.0.0"), "acme.base"));
    rig.offer(needing("acme.one", "1.0.0", "acme.lib"));
    rig.offer(needing("acme.two", "1.0.0", "acme.lib"));
    PreparedModule one = rig.prepare(spec("one", "acme.one"));
    rig.offer(library("acme.base", "1.1.0"));
    PreparedModule two = rig.prepare(spec("two", "acme.two"));
    assertEquals(
        Set.of("acme.base 1.1.0", "acme.lib 1.0.0"),
        two.shared().stream()
            .map(shared -> shared.symbolicName() + " " + shared.version())
            .collect(Collectors.toSet()));
    get(rig.runtime.install(one));
    get(rig.runtime.install(two));
    get(rig.runtime.start("one"));
    get(rig.runtime.start("two"));
    Bundle base =
        bundles("acme.base").stream()
            .filter(bundle -> bundle.getVersion().getMinor() == 0)
            .findFirst()
            .orElseThrow();
    assertEquals(Set.of("acme.base 1.0.0"), providers(bundle("acme.lib")));

    get(rig.runtime.remove("one"));
    assertEquals(Bundle.ACTIVE, base.getState());
    assertEquals(Set.of(), pending());
    get(rig.runtime.remove("two"));
    assertEquals(List.of(), bundles("acme.base"));
    assertEquals(Set.of(), pending());
  }

  /** The one that comes second was prepared when neither was there. */
  @Test
  void whoComesSecondAgreesWithWhatIsThere() throws Exception {
    rig.offer(library("acme.base", "1.0.0"));
    rig.offer(library("acme.base", "1.1.0"));
    rig.offer(
        needing(library("acme.lib", "1.0.0"), "acme.base")
            .header("Export-Package", "acme.lib;version=1.0.0;uses:=\"acme.base\""));
    rig.offer(needing("acme.one", "1.0.0", "acme.lib,acme.base;version=\"[1.0,1.1)\""));
    rig.offer(needing("acme.two", "1.0.0", "acme.lib,acme.base;version=\"[1.0,2.0)\""));
    PreparedModule one = rig.prepare(spec("one", "acme.one"));
    PreparedModule two = rig.prepare(spec("two", "acme.two"));
    assertNotEquals(Set.copyOf(one.shared()), Set.copyOf(two.shared()));
    get(rig.runtime.install(one));
    get(rig.runtime.install(two));
    assertEquals(Set.of("acme.lib 1.0.0", "acme.base 1.0.0"), providers(bundle("acme.two")));
    get(rig.runtime.remove("one"));
    get(rig.runtime.remove("two"));
    assertEquals(List.of(), bundles("acme.base"));
    assertEquals(Set.of(), pending());
  }

  // ---- tools -------------------------------------------------------------------------------

  private static TestBundle library(String name, String version) {
    return TestBundle.of(name, version)
        .entry(name.replace('.', '/') + "/readme.txt", "a package")
        .header("Export-Package", name + ";version=" + version);
  }

  private static TestBundle active(TestBundle bundle, Class<?> activator) {
    return bundle
        .activator(activator)
        .type(Hanging.class)
        .header("Import-Package", "org.osgi.framework");
  }

  private static TestBundle needing(String name, String version, String packages) {
    return needing(TestBundle.of(name, version), packages);
  }

  private static TestBundle needing(TestBundle bundle, String packages) {
    return bundle.header("Import-Package", packages);
  }

  private List<Bundle> bundles(String symbolicName) {
    return Arrays.stream(rig.framework.context().getBundles())
        .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
        .toList();
  }

  private Bundle bundle(String symbolicName) {
    return bundles(symbolicName).get(0);
  }

  private static Set<String> providers(Bundle bundle) {
    return bundle.adapt(BundleWiring.class).getRequiredWires("osgi.wiring.package").stream()
        .map(wire -> wire.getProvider().getBundle())
        .map(provider -> provider.getSymbolicName() + " " + provider.getVersion())
        .collect(Collectors.toSet());
  }

  private Set<Bundle> pending() {
    FrameworkWiring wiring = rig.framework.context().getBundle(0).adapt(FrameworkWiring.class);
    return Set.copyOf(wiring.getRemovalPendingBundles());
  }
}
