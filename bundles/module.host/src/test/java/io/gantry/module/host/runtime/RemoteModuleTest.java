package io.gantry.module.host.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fetch.TestServer;
import io.gantry.module.host.index.Digest;
import io.gantry.module.host.index.IndexTool;
import io.gantry.spi.module.FetchProgress;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleForecast;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.RepositoryLogin;
import io.gantry.testkit.module.TestBundle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wire;
import org.osgi.resource.Wiring;
import org.osgi.service.resolver.ResolutionException;
import org.osgi.service.resolver.ResolveContext;
import org.osgi.service.resolver.Resolver;

/** Modules from a repository over HTTP, in a real framework. */
@Timeout(300)
class RemoteModuleTest {

  @TempDir Path temp;
  private RealTime time;
  private TestFramework framework;
  private TestServer server;
  private ModuleHost host;
  private ModuleRuntime runtime;

  @BeforeEach
  void setUp() throws Exception {
    time = new RealTime();
    framework = new TestFramework(temp.resolve("felix"));
    server = new TestServer();
    host =
        new ModuleHost(
            framework.context(),
            new HostSettings(List.of(address()), temp.resolve("cache"), TestFramework.LIMITS),
            framework.services(time));
    runtime = host.runtime();
    TestBundle.of("acme.lib", "1.0.0")
        .header("Export-Package", "acme.lib;version=1.0.0")
        .entry("acme/lib/readme.txt", "a package")
        .writeTo(temp.resolve("r"));
    TestBundle.of("acme.one", "1.0.0")
        .header("Import-Package", "acme.lib")
        .writeTo(temp.resolve("r"));
    PrintWriter nowhere = new PrintWriter(OutputStream.nullOutputStream(), false, UTF_8);
    new IndexTool().run(nowhere, nowhere, temp.resolve("r").toString());
    server.folder("/r/", temp.resolve("r"));
  }

  @AfterEach
  void tearDown() throws Exception {
    host.close();
    framework.close();
    server.close();
    time.close();
  }

  private String address() {
    return server.uri("/r").toString();
  }

  @Test
  void aModuleWithItsLibraryIsForetoldFetchedAndRun() throws Exception {
    ModuleForecast forecast = get(runtime.forecast(spec("acme.one"), List.of()));
    assertEquals(
        List.of("acme.one", "acme.lib"),
        forecast.downloads().stream().map(ModuleForecast.Download::symbolicName).toList());
    assertTrue(server.asked().stream().allMatch(a -> a.path().equals("/r/index.xml")));
    List<String> told = new ArrayList<>();
    FetchProgress progress = (fetched, total) -> told.add(fetched + " of " + total);
    PreparedModule prepared = get(runtime.prepare(spec("acme.one"), List.of(), progress));
    assertEquals(Optional.of(prepared), forecast.prepared());
    long total = forecast.downloads().stream().mapToLong(ModuleForecast.Download::bytes).sum();
    assertEquals("0 of " + total, told.get(0));
    assertEquals(total + " of " + total, told.get(told.size() - 1));
    get(runtime.install(prepared));
    get(runtime.start("m"));
    assertEquals(State.RUNNING, runtime.modules().get(0).state());
    server.forget();
    get(runtime.prepare(spec("acme.one")));
    assertEquals(1, server.asked().size(), "nothing but whether the index has changed");
  }

  @Test
  void aRepositoryThatIsDownIsTemporaryAndWhatItDoesNotHaveIsNot() throws Exception {
    ModuleException missing = refusal(runtime.prepare(spec("acme.two")));
    assertFalse(missing.temporary(), missing.getMessage());
    server.on("/r/index.xml", TestServer.status(503));
    ModuleException down = refusal(runtime.prepare(spec("acme.one")));
    assertTrue(down.temporary(), down.getMessage());
    assertTrue(
        down.getMessage()
            .endsWith("could not be read: it has an error of its own (503), which may pass"),
        down.getMessage());
  }

  /** A disk is full, or read only, until somebody has made room. */
  @Test
  void aCacheThatCannotBeWrittenIsTemporary() throws Exception {
    Path partial = temp.resolve("cache/partial");
    Files.delete(partial);
    Files.createFile(partial);
    ModuleException unwritten = refusal(runtime.prepare(spec("acme.one")));
    assertTrue(
        unwritten.getMessage().contains("cannot be brought into the local cache"),
        unwritten.getMessage());
    assertTrue(unwritten.temporary());
    Files.delete(partial);
    Files.createDirectory(partial);
    get(runtime.prepare(spec("acme.one")));
  }

  /** Each failed update would leave a jar on the disk otherwise, as long as the runtime runs. */
  @Test
  void whatWasFetchedForAnUpdateThatFailsGoesWithTheNextOne() throws Exception {
    PrintWriter nowhere = new PrintWriter(OutputStream.nullOutputStream(), false, UTF_8);
    for (int version = 2; version < 5; version++) {
      TestBundle.of("acme.one", version + ".0.0")
          .header("Import-Package", "acme.lib")
          .writeTo(temp.resolve("r"));
      new IndexTool().run(nowhere, nowhere, temp.resolve("r").toString());
      server.folder("/r/", temp.resolve("r"));
      server.on("/r/acme.lib-1.0.0.jar", TestServer.status(404));
      refusal(runtime.prepare(spec("acme.one:" + version + ".0.0")));
      runtime.retain(List.of());
    }
    HostRig.until("one jar is left", () -> jarsInCache() == 1);
  }

  private int jarsInCache() {
    String[] jars = temp.resolve("cache").toFile().list((folder, name) -> name.endsWith(".jar"));
    return jars == null ? -1 : jars.length;
  }

  @Test
  void whatNobodyHasForeseenIsNoVerdictOnTheModule() {
    FetchProgress failing =
        (fetched, total) -> {
          throw new IllegalStateException("expected by this test");
        };
    ModuleException unforeseen = refusal(runtime.prepare(spec("acme.one"), List.of(), failing));
    assertTrue(unforeseen.getMessage().contains("unexpectedly"), unforeseen.getMessage());
    assertTrue(unforeseen.temporary());
  }

  @Test
  void aDownloadThatBreaksOffIsTemporaryAndGoesOnWithTheNextTry() throws Exception {
    byte[] jar = Files.readAllBytes(temp.resolve("r/acme.lib-1.0.0.jar"));
    server.on("/r/acme.lib-1.0.0.jar", TestServer.brokenOff(jar, 100));
    ModuleException broken = refusal(runtime.prepare(spec("acme.one")));
    assertTrue(broken.temporary(), broken.getMessage());
    assertTrue(
        broken
            .getMessage()
            .startsWith(
                "module m: acme.lib 1.0.0 from "
                    + server.uri("/r/acme.lib-1.0.0.jar")
                    + " broke off"),
        broken.getMessage());
    server.on("/r/acme.lib-1.0.0.jar", TestServer.file(jar));
    server.forget();
    get(runtime.prepare(spec("acme.one")));
    assertEquals(
        Optional.of("bytes=100-"), server.asked("/r/acme.lib-1.0.0.jar").get(0).header("Range"));
    assertEquals(List.of(), server.asked("/r/acme.one-1.0.0.jar"), "it has come before");
  }

  /** A slow download holds up neither another module nor whoever calls it off. */
  @Test
  void aPreparationThatIsCalledOffEndsAndOthersGoOnBesides() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch given = new CountDownLatch(1);
    byte[] jar = Files.readAllBytes(temp.resolve("r/acme.one-1.0.0.jar"));
    server.on(
        "/r/acme.one-1.0.0.jar",
        exchange -> {
          asked.countDown();
          try {
            given.await(200, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          TestServer.file(jar).answer(exchange);
        });
    CompletableFuture<PreparedModule> slow = runtime.prepare(spec("acme.one"));
    assertTrue(asked.await(60, TimeUnit.SECONDS));
    get(
        runtime.prepare(
            new ModuleSpec(
                "other",
                ImageReference.parse("acme.lib"),
                PullPolicy.ON_CREATE,
                Map.of(),
                Map.of())));
    assertFalse(slow.isDone());
    assertTrue(slow.cancel(false));
    given.countDown();
    get(runtime.prepare(spec("acme.one")));
  }

  @Test
  void credentialsOfTheDeploymentAreShownAndNeverSaid() throws Exception {
    TestServer.Behaviour index = TestServer.plain(Files.readAllBytes(temp.resolve("r/index.xml")));
    server.on(
        "/r/index.xml",
        exchange -> {
          boolean known =
              "Bearer hunter2".equals(exchange.getRequestHeaders().getFirst("Authorization"));
          (known ? index : TestServer.status(401)).answer(exchange);
        });
    ModuleException unknown = refusal(runtime.prepare(spec("acme.one")));
    assertFalse(unknown.temporary());
    assertTrue(unknown.getMessage().contains("asks who we are"), unknown.getMessage());
    RepositoryLogin login = new RepositoryLogin(address(), Optional.empty(), "hunter2");
    get(runtime.prepare(spec("acme.one"), List.of(login), FetchProgress.NONE));
    RepositoryLogin wrong = new RepositoryLogin(address(), Optional.empty(), "hunter3");
    ModuleException refused =
        refusal(runtime.prepare(spec("acme.one"), List.of(wrong), FetchProgress.NONE));
    assertFalse(refused.getMessage().contains("hunter"), refused.getMessage());
  }

  /** It is the deployment in force that is known, and not who prepared something last. */
  @Test
  void whoListsRepositoriesAsksWithTheLoginsThatAreKnown() throws Exception {
    TestServer.Behaviour index = TestServer.plain(Files.readAllBytes(temp.resolve("r/index.xml")));
    server.on(
        "/r/index.xml",
        exchange -> {
          boolean known =
              "Bearer hunter2".equals(exchange.getRequestHeaders().getFirst("Authorization"));
          (known ? index : TestServer.status(401)).answer(exchange);
        });
    runtime.use(List.of(new RepositoryLogin(address(), Optional.empty(), "hunter2")));
    RepositoryLogin wrong = new RepositoryLogin(address(), Optional.empty(), "hunter3");
    refusal(runtime.prepare(spec("acme.one"), List.of(wrong), FetchProgress.NONE));
    assertEquals(2, get(host.repositories().list()).get(0).bundles().orElseThrow());
    runtime.use(List.of());
    assertTrue(get(host.repositories().list()).get(0).problem().isPresent());
  }

  @Test
  void aLibraryWithoutADigestIsRefusedByName() throws Exception {
    String index = Files.readString(temp.resolve("r/index.xml"));
    server.on(
        "/r/index.xml",
        TestServer.plain(
            index.replaceAll("<attribute name=\"osgi.content\"[^>]*>", "").getBytes(UTF_8)));
    ModuleException refusal = refusal(runtime.prepare(spec("acme.one")));
    assertFalse(refusal.temporary());
    assertTrue(refusal.getMessage().contains("its index has no SHA-256"), refusal.getMessage());
    assertEquals(
        refusal.getMessage(), refusal(runtime.forecast(spec("acme.one"), List.of())).getMessage());
  }

  /** Resolved is what the index says; what is installed is what the jar says. */
  @Test
  void anIndexThatLiesAboutABundleIsFoundOutBeforeAnythingIsInstalled() throws Exception {
    String index = Files.readString(temp.resolve("r/index.xml"));
    server.on("/r/index.xml", TestServer.plain(index.replace("1.0.0", "1.1.0").getBytes(UTF_8)));
    server.on(
        "/r/acme.one-1.1.0.jar",
        TestServer.file(Files.readAllBytes(temp.resolve("r/acme.one-1.0.0.jar"))));
    ModuleException lie = refusal(runtime.prepare(spec("acme.one")));
    assertFalse(lie.temporary());
    assertTrue(
        lie.getMessage().endsWith("is not what its index says: the jar is acme.one 1.0.0"),
        lie.getMessage());
  }

  @Test
  void whatHasTheRightDigestAndIsNoBundleIsRefusedBeforeAnythingIsInstalled() throws Exception {
    byte[] jar = Files.readAllBytes(temp.resolve("r/acme.one-1.0.0.jar"));
    byte[] noise = "no jar".getBytes(UTF_8);
    String index =
        Files.readString(temp.resolve("r/index.xml"))
            .replace(digest(jar), digest(noise))
            .replace("value=\"" + jar.length + "\"", "value=\"" + noise.length + "\"");
    server.on("/r/index.xml", TestServer.plain(index.getBytes(UTF_8)));
    server.on("/r/acme.one-1.0.0.jar", TestServer.file(noise));
    ModuleException refused = refusal(runtime.prepare(spec("acme.one")));
    assertTrue(
        refused.getMessage().contains("is no bundle that could be installed"),
        refused.getMessage());
  }

  /** The cache forgets who brought a jar, and must not become the way round a signature. */
  @Test
  void whatIsTakenFromTheCacheInsteadIsSignedWhereItsRepositoryDemandsIt() throws Exception {
    String image = address() + "/acme.lib:1.0.0";
    get(runtime.prepare(spec(image)));
    server.on("/r/index.xml", TestServer.status(503));
    get(runtime.prepare(spec(image)));
    host.close();
    host =
        new ModuleHost(
            framework.context(),
            new HostSettings(
                List.of(address() + ";signed"), temp.resolve("cache"), TestFramework.LIMITS),
            framework.services(time));
    runtime = host.runtime();
    ModuleException unsigned = refusal(runtime.prepare(spec(image)));
    assertTrue(unsigned.getMessage().contains("demands a signature"), unsigned.getMessage());
    ModuleSpec never =
        new ModuleSpec("m", ImageReference.parse("acme.lib"), PullPolicy.NEVER, Map.of(), Map.of());
    unsigned = refusal(runtime.prepare(never));
    assertTrue(unsigned.getMessage().contains("demands a signature"), unsigned.getMessage());
  }

  /** An index can ask what takes a resolver longer than anybody lives. */
  private final class PonderingResolver implements Resolver {

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch calledOff = new CountDownLatch(1);

    @Override
    public Map<Resource, List<Wire>> resolve(ResolveContext context) throws ResolutionException {
      context.onCancel(calledOff::countDown);
      asked.countDown();
      try {
        calledOff.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new ResolutionException("called off");
    }

    @Override
    public Map<Resource, List<Wire>> resolveDynamic(
        ResolveContext context, Wiring wiring, Requirement requirement) {
      throw new UnsupportedOperationException("nobody asks");
    }

    /** A host with this one, begun in the place of the usual one. */
    private ModuleRuntime runtime() throws Exception {
      host.close();
      ModuleHost.Services usual = framework.services(time);
      host =
          new ModuleHost(
              framework.context(),
              new HostSettings(List.of(address()), temp.resolve("cache"), TestFramework.LIMITS),
              new ModuleHost.Services(
                  usual.configurations(),
                  usual.components(),
                  this,
                  usual.clock(),
                  usual.scheduler(),
                  usual.threads(),
                  usual.tables()));
      return host.runtime();
    }
  }

  @Test
  void aResolverThatPondersForEverIsCalledOffWithThePreparation() throws Exception {
    PonderingResolver resolver = new PonderingResolver();
    CompletableFuture<PreparedModule> module = resolver.runtime().prepare(spec("acme.one"));
    assertTrue(resolver.asked.await(60, TimeUnit.SECONDS));
    module.cancel(false);
    assertEquals(0, resolver.calledOff.getCount());
  }

  @Test
  void aResolverThatPondersForTooLongIsGivenUpAlsoWhenSomebodyOnlyLooks() throws Exception {
    PonderingResolver resolver = new PonderingResolver();
    CompletionStage<ModuleForecast> forecast =
        resolver.runtime().forecast(spec("acme.one"), List.of());
    assertTrue(resolver.asked.await(60, TimeUnit.SECONDS));
    time.pass(Duration.ofSeconds(60));
    String refusal = refusal(forecast).getMessage();
    assertTrue(refusal.startsWith("module m cannot be resolved: within 60 s"), refusal);
  }

  private static String digest(byte[] content) throws IOException {
    return Digest.of(new ByteArrayInputStream(content));
  }

  private static ModuleSpec spec(String image) {
    return new ModuleSpec(
        "m", ImageReference.parse(image), PullPolicy.ON_CREATE, Map.of(), Map.of());
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static ModuleException refusal(CompletionStage<?> stage) {
    ExecutionException e = assertThrows(ExecutionException.class, () -> get(stage));
    return (ModuleException) e.getCause();
  }
}
