package io.gantry.module.host.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.module.host.fixture.Chained;
import io.gantry.module.host.fixture.Hanging;
import io.gantry.module.host.fixture.Sluggish;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.ModuleForecast;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Effect;
import io.gantry.spi.module.ModuleForecast.Manner;
import io.gantry.spi.module.ModuleMove;
import io.gantry.spi.module.ModuleMove.Kind;
import io.gantry.spi.module.PreparedModule;
import io.gantry.testkit.module.TestBundle;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.ServiceReference;

/** Who notices several steps made one after another. */
@Timeout(300)
class DisturbancesTest {

  private static final String OFFERS =
      "<service><provide interface=\"java.util.function.Supplier\"/></service>";

  @TempDir Path temp;
  private HostRig rig;

  @BeforeEach
  void setUp() throws Exception {
    rig = new HostRig(temp);
  }

  @AfterEach
  void tearDown() throws Exception {
    rig.close();
  }

  private static String uses(String name, String policy) {
    return "<reference name=\"r\" interface=\"java.util.function.Supplier\" target=\"(link="
        + name
        + ")\" policy=\""
        + policy
        + "\" bind=\"bind\" unbind=\"unbind\"/>";
  }

  private static TestBundle bundle(String name, String version, String elements) {
    return TestBundle.of("acme." + name, version)
        .component(
            Chained.class,
            "immediate=\"true\"",
            "<property name=\"link\" value=\"" + name.replaceAll("\\d", "") + "\"/>" + elements);
  }

  private void run(String name, String elements) throws Exception {
    rig.offer(bundle(name, "1.0.0", elements));
    rig.run(HostRig.spec(name, "acme." + name));
  }

  private List<List<String>> disturbed(ModuleMove... moves) throws Exception {
    return HostRig.get(rig.runtime.disturbances(List.of(moves))).stream()
        .map(step -> step.stream().map(Disturbance::module).toList())
        .toList();
  }

  private static ModuleMove move(Kind kind, String module) {
    return new ModuleMove(module, kind, Optional.empty(), kind == Kind.START);
  }

  private ModuleMove move(Kind kind, String module, String image) throws Exception {
    return new ModuleMove(
        module, kind, Optional.of(rig.prepare(HostRig.spec(module, image))), true);
  }

  @Test
  void whatStopsOrGoesIsNoticedByThoseWhoUseItAndByThoseWhoUseThem() throws Exception {
    run("a", OFFERS);
    run("b", uses("a", "static") + OFFERS);
    run("c", uses("b", "static"));
    assertEquals(List.of(List.of("b", "c")), disturbed(move(Kind.STOP, "a")));
    assertEquals(List.of(List.of("b", "c")), disturbed(move(Kind.REMOVE, "a")));
    assertEquals(
        List.of(List.of("c"), List.of()),
        disturbed(move(Kind.REMOVE, "a"), move(Kind.STOP, "b")),
        "who is moved itself is not disturbed");
  }

  /** One that may change what it is bound to lives on as long as there is something. */
  @Test
  void aComponentFallsOnlyWhenNothingIsLeftToBeBoundTo() throws Exception {
    run("a1", OFFERS);
    run("a2", OFFERS);
    run("b", uses("a", "dynamic") + OFFERS);
    run("c", uses("b", "dynamic"));
    assertEquals(List.of(List.of("b")), disturbed(move(Kind.REMOVE, "a1")));
    assertEquals(
        List.of(List.of("b"), List.of()),
        disturbed(move(Kind.REMOVE, "a1"), move(Kind.INSTALL, "d")));
    rig.offer(bundle("a1", "2.0.0", OFFERS));
    assertEquals(
        List.of(List.of(), List.of("b")),
        disturbed(move(Kind.REMOVE, "a2"), move(Kind.SWAP, "a1", "acme.a1:2.0.0")),
        "b is bound to the first of them");
    assertEquals(
        List.of(List.of(), List.of("b", "c")),
        disturbed(move(Kind.REMOVE, "a2"), move(Kind.REPLACE, "a1", "acme.a1:2.0.0")));
  }

  /** Each by itself would leave the library to the other one. */
  @Test
  void aLibraryLeavesWithTheLastOfItsUsersInADeployment() throws Exception {
    rig.offer(
        bundle("lib", "1.0.0", OFFERS)
            .header("Export-Package", "acme.lib;version=1.0.0")
            .entry("acme/lib/readme.txt", "a package"));
    for (String name : List.of("one", "two")) {
      rig.offer(TestBundle.of("acme." + name, "1.0.0").header("Import-Package", "acme.lib"));
      rig.run(HostRig.spec(name, "acme." + name));
      rig.offer(TestBundle.of("acme." + name, "2.0.0"));
    }
    run("user", uses("lib", "static"));
    ModuleMove one = move(Kind.SWAP, "one", "acme.one:2.0.0");
    ModuleMove two = move(Kind.SWAP, "two", "acme.two:2.0.0");
    assertEquals(List.of(List.of()), disturbed(one));
    assertEquals(List.of(List.of(), List.of("user")), disturbed(one, two));
    assertEquals(
        List.of(List.of(), List.of("user"), List.of()),
        disturbed(
            move(Kind.REMOVE, "one"),
            move(Kind.REMOVE, "two"),
            move(Kind.INSTALL, "three", "acme.one:1.0.0")),
        "it comes back too late");
  }

  /** Whoever looks at components must not wait for what they wait for. */
  @Test
  void aComponentThatHangsWhileItIsMadeIsLookedAtNevertheless() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    System.getProperties().put(Hanging.LATCH, latch);
    run("a", OFFERS);
    rig.offer(
        TestBundle.of("acme.sluggish", "1.0.0")
            .type(Hanging.class)
            .header("Import-Package", "org.osgi.framework")
            .component(Sluggish.class, "immediate=\"false\"", OFFERS + uses("a", "static")));
    rig.run(HostRig.spec("sluggish", "acme.sluggish"));
    Thread client =
        rig.time
            .factory("client")
            .newThread(
                () -> {
                  try {
                    rig.framework.serviceOf(rig.bundle("sluggish"), Supplier.class);
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                });
    client.start();
    HostRig.until(
        "it hangs",
        () ->
            Stream.of(client.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(Hanging.class.getName())));
    rig.offer(bundle("b", "1.0.0", OFFERS));
    assertEquals(List.of(List.of()), disturbed(move(Kind.INSTALL, "b", "acme.b")));
    latch.countDown();
    client.join(60_000);
  }

  // ---- what comes --------------------------------------------------------------------------

  private static String greedy(String name, String cardinality, String policy) {
    return uses(name, policy)
        .replace("/>", " cardinality=\"" + cardinality + "\" policy-option=\"greedy\"/>");
  }

  private static String ranking(int ranking) {
    return "<property name=\"service.ranking\" type=\"Integer\" value=\"" + ranking + "\"/>";
  }

  /** What was offered before it was deployed, and runs, disturbs whom it was said to disturb. */
  private void isForetold(List<String> whom, ModuleMove move) throws Exception {
    assertEquals(List.of(whom), disturbed(move));
    Map<String, Set<Long>> before = used();
    if (move.next().isPresent()) {
      HostRig.get(rig.runtime.swap(move.next().get()));
    } else {
      HostRig.get(rig.runtime.start(move.module()));
    }
    Map<String, Set<Long>> after = used();
    before.forEach((module, services) -> services.removeAll(after.get(module)));
    before.values().removeIf(Set::isEmpty);
    assertEquals(whom, List.copyOf(before.keySet()));
  }

  /** The services that modules use. */
  private Map<String, Set<Long>> used() {
    Map<String, Set<Long>> used = new TreeMap<>();
    for (InstalledModule module : rig.runtime.modules()) {
      ServiceReference<?>[] services = rig.bundle(module.name()).getServicesInUse();
      used.put(
          module.name(),
          Stream.of(services == null ? new ServiceReference<?>[0] : services)
              .map(service -> (Long) service.getProperty("service.id"))
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    return used;
  }

  /** It is made anew when there is more for it, and those who use it notice that. */
  @Test
  void whoIsGreedyForWhatComesNewIsForetold() throws Exception {
    run("b", greedy("a", "0..n", "static") + OFFERS);
    run("c", uses("b", "static"));
    rig.offer(bundle("a1", "1.0.0", uses("x", "static") + OFFERS));
    isForetold(List.of(), move(Kind.INSTALL, "a1", "acme.a1"));
    rig.offer(bundle("x", "1.0.0", OFFERS));
    isForetold(List.of("c"), move(Kind.INSTALL, "x", "acme.x"));

    rig.offer(bundle("a2", "1.0.0", OFFERS));
    ModuleMove second = move(Kind.INSTALL, "a2", "acme.a2");
    assertEquals(
        List.of(List.of()),
        disturbed(new ModuleMove("a2", Kind.INSTALL, second.next(), false)),
        "it is put in place and not started");
    isForetold(List.of("c"), second);
    HostRig.get(rig.runtime.stop("a2"));
    isForetold(List.of("c"), move(Kind.START, "a2"));
  }

  /** One that has what it wants takes up only what is better. */
  @Test
  void whoHasOneAndIsOfferedABetterOneIsForetold() throws Exception {
    run("a1", OFFERS);
    run("b", greedy("a", "1..1", "dynamic") + OFFERS);
    run("c", greedy("a", "0..1", "static") + OFFERS);
    run("d", greedy("c", "0..1", "dynamic"));
    rig.offer(bundle("a2", "1.0.0", OFFERS));
    isForetold(List.of(), move(Kind.INSTALL, "a2", "acme.a2"));
    rig.offer(bundle("a3", "1.0.0", ranking(5) + OFFERS));
    isForetold(List.of("b", "c", "d"), move(Kind.INSTALL, "a3", "acme.a3"));
  }

  /** Nothing is downloaded for a look. */
  @Test
  void whatIsNotInTheCacheYetIsReadWhereItIs() throws Exception {
    run("b", greedy("a", "0..n", "static") + OFFERS);
    run("c", uses("b", "static"));
    rig.offer(bundle("a", "1.0.0", OFFERS));
    ModuleForecast forecast =
        HostRig.get(rig.runtime.forecast(HostRig.spec("a", "acme.a"), List.of()));
    assertEquals(
        List.of(
            new Disturbance(
                "c",
                Effect.REBOUND,
                List.of(
                    "module c (acme.c 1.0.0)",
                    "uses the service java.util.function.Supplier of module b (acme.b 1.0.0)",
                    "takes up the service java.util.function.Supplier of module a (acme.a"
                        + " 1.0.0)"))),
        forecast.disturbances());
    assertEquals(1, forecast.downloads().size());
  }

  @Test
  void whatWasPreparedBeforeIsForetoldWithoutRepositories() throws Exception {
    TestBundle only = bundle("s", "1.0.0", OFFERS);
    rig.offer(only.header("Bundle-SymbolicName", "acme.s;singleton:=true"));
    PreparedModule prepared = rig.prepare(HostRig.spec("m", "acme.s"));
    assertEquals(Set.of("acme.s"), prepared.singletons());
    assertEquals(Manner.INSTALL, HostRig.get(rig.runtime.forecast(prepared)).manner());
    HostRig.get(rig.runtime.install(prepared));
    HostRig.get(rig.runtime.start("m"));
    assertEquals(Manner.REPLACE, HostRig.get(rig.runtime.forecast(prepared)).manner());
    assertEquals(List.of(), HostRig.get(rig.runtime.forecast(prepared)).downloads());
  }
}
