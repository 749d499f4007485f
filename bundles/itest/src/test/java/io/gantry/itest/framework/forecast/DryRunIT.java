package io.gantry.itest.framework.forecast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.itest.Await;
import io.gantry.itest.framework.InFramework;
import io.gantry.itest.framework.forecast.service.Measure;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.DryRun.Change;
import io.gantry.spi.module.RepositoryRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.BundleContext;

/**
 * What a dry run foretells is what the deployment then does: the agent, the host of modules and
 * Declarative Services as they ship, and the framework's events as witness. The modules of the
 * sample deployment stay throughout.
 */
@ExtendWith(InFramework.class)
class DryRunIT {

  private static final String REPOSITORY = "gantry.itest.plant";
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int CASES = Integer.getInteger("gantry.itest.cases", 200);
  private static final long SEED = Long.getLong("gantry.itest.seed", 5);

  @Inject private BundleContext context;
  @Inject private Deployments deployments;
  @Inject private RepositoryRegistry repositories;

  private final Path data = Path.of(System.getProperty("gantry.data"));
  private final Map<String, String> jars = new TreeMap<>();
  private JsonObject sample = new JsonObject();

  @BeforeAll
  static void bundles() throws IOException {
    Path folder = Files.createTempDirectory("gantry-plant-");
    System.setProperty(REPOSITORY, folder.toString());
    Plant.write(folder);
  }

  @AfterAll
  static void noBundles() throws IOException {
    Path folder = Path.of(System.clearProperty(REPOSITORY));
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @BeforeEach
  void plant() throws Exception {
    Path folder = Path.of(System.getProperty(REPOSITORY));
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        jars.put(
            HexFormat.of().formatHex(digest),
            file.getFileName().toString().replaceFirst("-(.*)\\.jar", " $1"));
      }
    }
    get(repositories.add(folder.toString(), false));
    Path manifest = data.resolveSibling("conf").resolve("deployment.json");
    sample = JsonParser.parseString(Files.readString(manifest)).getAsJsonObject();
    Await.until(
        "the sample deployment",
        LIMIT,
        () -> Seen.modules(context).values().stream().filter(Seen::running).count() == 2,
        () -> "" + deployments.modules());
  }

  @AfterEach
  void sampleAgain() throws Exception {
    assertEquals(200, deploy(Map.of()).code());
    get(repositories.remove(System.getProperty(REPOSITORY)));
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private String manifest(Map<String, Wish> wishes) {
    JsonObject manifest = sample.deepCopy();
    JsonObject modules =
        manifest
            .getAsJsonObject("modulesContent")
            .getAsJsonObject("$edgeAgent")
            .getAsJsonObject("properties.desired")
            .getAsJsonObject("modules");
    wishes.forEach((name, wish) -> modules.add(name, wish.json()));
    return manifest.toString();
  }

  private DeployResult deploy(Map<String, Wish> wishes) throws Exception {
    return get(deployments.deploy(manifest(wishes)));
  }

  /** Twice: the first one says nothing else, and what was left to be tidied up is done then. */
  private DryRun dryRun(Map<String, Wish> wishes) throws Exception {
    DryRun first = get(deployments.dryRun(manifest(wishes)));
    DryRun second = get(deployments.dryRun(manifest(wishes)));
    assertEquals(first.modules(), second.modules());
    return second;
  }

  private Witness witness() {
    return Witness.begin(context, data.resolve("cache"));
  }

  @Test
  void twoHundredUpgradesDoWhatWasForetold() throws Exception {
    Random random = new Random(SEED);
    Upgrades upgrades = new Upgrades(random);
    SortedMap<String, Wish> now = new TreeMap<>();
    SortedMap<String, Integer> figures = new TreeMap<>();
    for (int number = 0; number < CASES; number++) {
      SortedMap<String, Wish> next = upgrades.next(now);
      if (isForetold("seed " + SEED + ", case " + number, now, next, figures)) {
        now = next;
      }
    }
    System.out.println(CASES + " upgrades: " + figures);
    for (String kind : List.of("swap", "replace", "stop", "remove", "unmet", "REBOUND")) {
      assertTrue(figures.getOrDefault(kind, 0) > 5, kind + " is hardly ever tried: " + figures);
    }
  }

  private boolean isForetold(
      String which,
      SortedMap<String, Wish> now,
      SortedMap<String, Wish> next,
      SortedMap<String, Integer> figures)
      throws Exception {
    DryRun foretold = dryRun(next);
    Witness witness = witness();
    DeployResult result = deploy(next);
    witness.end();
    String story =
        String.join(
            "\n",
            which,
            "from " + now,
            "to " + next,
            "foretold " + foretold,
            "result " + result,
            witness.toString());
    assertEquals(foretold.code(), result.code(), story);
    if (foretold.code() != 200) {
      assertEquals(unmet(foretold.errors()), unmet(result.errors()), story);
      assertTrue(witness.nothingHappened(), story);
      figures.merge("unmet", 1, Integer::sum);
      return false;
    }
    assertEquals(changes(foretold), witness.changes(), story);
    assertEquals(disturbed(foretold), witness.disturbed(), story);
    assertEquals(downloads(foretold), witness.fetched(jars), story);
    changes(foretold).values().forEach(change -> figures.merge(change, 1, Integer::sum));
    disturbed(foretold).forEach(one -> figures.merge(one.split(" ")[0], 1, Integer::sum));
    figures.merge("downloads", downloads(foretold).size(), Integer::sum);
    return true;
  }

  // ---- by name -----------------------------------------------------------------------------

  /** Of two modules that share a library one asks for a newer one. */
  @Test
  void aLibraryIsUpdatedForOneOfTwoModulesAndTheOtherIsNotRestarted() throws Exception {
    SortedMap<String, Wish> wishes = new TreeMap<>();
    wishes.put("digger", Wish.of("digger", "1.0.0"));
    wishes.put("reader", Wish.of("reader", "1.0.0"));
    assertEquals(200, deploy(wishes).code());
    Seen digger = Seen.modules(context).get("digger");
    assertTrue(shared(digger).contains("acme.lib 1.1.0"), digger::toString);

    wishes.put("reader", Wish.of("reader", "2.0.0"));
    Witness witness = observe(wishes);
    assertEquals(
        "{digger=none, filter=none, reader=swap, sensor=none}", witness.changes().toString());
    assertEquals(Set.of(), witness.disturbed(), witness::toString);
    assertEquals(Set.of("acme.lib 2.0.0"), shared(Seen.modules(context).get("reader")));
    assertEquals(
        digger.toString(), Seen.modules(context).get("digger").toString(), "all is as it was");
  }

  private static Set<String> shared(Seen module) {
    return module.all().stream()
        .filter(Seen::isShared)
        .map(bundle -> bundle.getSymbolicName() + " " + bundle.getVersion())
        .collect(Collectors.toSet());
  }

  /** Twenty modules that share two libraries. */
  @Test
  void anUpdateOfTheImplementationOfOneOfTwentyModulesDisturbsNobodyElse() throws Exception {
    SortedMap<String, Wish> wishes = new TreeMap<>();
    for (int number = 10; number < 30; number++) {
      wishes.put("truck" + number, Wish.of("truck", "1.0.0"));
    }
    assertEquals(200, deploy(wishes).code());
    wishes.put("truck17", Wish.of("truck", "1.0.1"));
    Witness witness = observe(wishes);
    SortedMap<String, String> changes = witness.changes();
    assertEquals("swap", changes.remove("truck17"), witness::toString);
    assertEquals(Set.of("none"), Set.copyOf(changes.values()), witness::toString);
    assertEquals(21, changes.size(), "nineteen others, and two of the sample deployment");
    assertEquals(Set.of(), witness.disturbed(), witness::toString);
    assertEquals(Set.of("truck17"), witness.touched(), witness::toString);
  }

  /** Nobody is stopped, but who uses its service goes on without, and who uses theirs as well. */
  @Test
  void whoLosesAServiceWithAModuleThatIsTakenAwayOrStoppedIsForetold() throws Exception {
    SortedMap<String, Wish> wishes = new TreeMap<>();
    wishes.put("follower", Wish.of("follower", "1.0.0"));
    wishes.put("relay", Wish.of("relay", "1.0.0"));
    wishes.put("source", Wish.of("source", "1.0.0"));
    assertEquals(200, deploy(wishes).code());
    Set<String> both = Set.of("REBOUND follower", "REBOUND relay");

    wishes.put("source", Wish.of("source", "1.0.0").running(false));
    assertEquals(both, observe(wishes).disturbed());
    wishes.put("source", Wish.of("source", "1.0.0"));
    assertEquals(Set.of(), observe(wishes).disturbed());
    wishes.remove("source");
    DryRun foretold = dryRun(wishes);
    assertEquals(
        List.of(
            "module relay (acme.relay 1.0.0)",
            "uses the service "
                + Measure.class.getName()
                + " of module source (acme.source 1.0.0)"),
        foretold.modules().get(0).disturbances().get(0).chain());
    assertEquals(both, observe(wishes).disturbed());
  }

  /** What the dry run of these says is what their deployment does. */
  private Witness observe(SortedMap<String, Wish> wishes) throws Exception {
    DryRun foretold = dryRun(wishes);
    Witness witness = witness();
    assertEquals(200, deploy(wishes).code());
    witness.end();
    assertEquals(changes(foretold), witness.changes(), witness::toString);
    assertEquals(disturbed(foretold), witness.disturbed(), witness::toString);
    assertEquals(downloads(foretold), witness.fetched(jars), witness::toString);
    return witness;
  }

  // ---- words -------------------------------------------------------------------------------

  /** Without what the deployment says of how it went. */
  private static SortedSet<String> unmet(List<String> errors) {
    return errors.stream()
        .map(error -> error.replace("preparation failed: ", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static SortedMap<String, String> changes(DryRun dryRun) {
    SortedMap<String, String> changes = new TreeMap<>();
    for (DryRun.ModuleChange module : dryRun.modules()) {
      Change change = module.change() == Change.ADOPT ? Change.NONE : module.change();
      changes.put(module.name(), change.name().toLowerCase(Locale.ROOT));
    }
    return changes;
  }

  private static SortedSet<String> disturbed(DryRun dryRun) {
    return dryRun.modules().stream()
        .flatMap(module -> module.disturbances().stream())
        .map(one -> one.effect() + " " + one.module())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static SortedSet<String> downloads(DryRun dryRun) {
    return dryRun.downloads().stream()
        .map(one -> one.symbolicName() + " " + one.version())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
