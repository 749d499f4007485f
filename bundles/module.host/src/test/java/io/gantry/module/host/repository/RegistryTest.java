package io.gantry.module.host.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.fetch.Logins;
import io.gantry.module.host.fetch.TestServer;
import io.gantry.module.host.runtime.RealTime;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.RepositoryRegistry;
import io.gantry.spi.module.RepositoryRegistry.Entry;
import io.gantry.spi.module.RepositoryRegistry.Report;
import io.gantry.spi.store.StoreException;
import io.gantry.testkit.module.TestBundle;
import io.gantry.testkit.store.FakeStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {

  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

  @TempDir Path temp;
  private final RealTime time = new RealTime();
  private final FakeStore store = new FakeStore();
  private Supply supply;
  private RepositoryRegistry registry;

  @BeforeEach
  void open() throws Exception {
    TestBundle.of("acme.lib", "1.0.0").writeTo(temp.resolve("one"));
    TestBundle.of("acme.filter", "1.0.0").writeTo(temp.resolve("two"));
    TestBundle.of("acme.sensor", "1.0.0").writeTo(temp.resolve("two"));
    boot();
  }

  private void boot() throws IOException {
    boot(time, Runnable::run);
  }

  private void boot(Scheduler scheduler, Executor executor) throws IOException {
    supply =
        new Supply(
            RepositorySettings.of(List.of(one() + "/;signed")),
            temp.resolve("cache"),
            new Supply.Services(store, () -> NOW, scheduler, time),
            executor);
    registry = supply.registry();
  }

  @AfterEach
  void close() {
    supply.close();
    time.close();
  }

  private String one() {
    return temp.resolve("one").toString();
  }

  private String two() {
    return temp.resolve("two").toString();
  }

  @Test
  void addedOnesComeBehindThoseOfTheConfigurationAndSurvive() throws Exception {
    get(registry.add("/nowhere", false));
    assertEquals(
        new Report(
            new Entry(two(), true, false), OptionalInt.of(2), Optional.of(NOW), Optional.empty()),
        get(registry.add(two() + "/", true)));
    supply.close();
    boot();
    List<Report> reports = get(registry.list());
    assertEquals(
        List.of(
            new Entry(one(), true, true),
            new Entry("/nowhere", false, false),
            new Entry(two(), true, false)),
        reports.stream().map(Report::entry).toList());
    assertEquals(OptionalInt.of(1), reports.get(0).bundles());
    assertEquals(OptionalInt.empty(), reports.get(1).bundles());
    assertEquals(Optional.of("it is not there"), reports.get(1).problem());
  }

  /** As in the image of a container: it is nothing that could come by waiting. */
  @Test
  void whatIsNoAddressOfARepositoryIsSaidAndNotWaitedFor() throws Exception {
    Catalog catalog =
        supply
            .repositories()
            .read(Optional.of("mcr.microsoft.com/team"), Logins.NONE, new Cancellation());
    assertFalse(catalog.isTemporary());
    assertTrue(catalog.unread().contains("images of containers cannot run here"), catalog.unread());
  }

  @Test
  void addingAgainChangesWhetherItMustBeSignedAndNotItsPlace() throws Exception {
    get(registry.add(two(), false));
    get(registry.add("/nowhere", false));
    get(registry.add(two(), true));
    assertEquals(
        List.of(
            new Entry(one(), true, true),
            new Entry(two(), true, false),
            new Entry("/nowhere", false, false)),
        get(registry.list()).stream().map(Report::entry).toList());
  }

  @Test
  void whatWasAddedIsRemovedAndWhatIsConfiguredIsNot() throws Exception {
    get(registry.add(two(), false));
    assertTrue(get(registry.remove(two() + "/")));
    assertFalse(get(registry.remove(two())));
    assertEquals(1, get(registry.list()).size());
    assertInstanceOf(IllegalArgumentException.class, failure(registry.remove(one())));
    assertInstanceOf(IllegalArgumentException.class, failure(registry.add(one(), false)));
    assertEquals(new Entry(one(), true, true), get(registry.add(one(), true)).entry());
  }

  @Test
  void whatCanBeNoAddressIsRefused() throws Exception {
    for (String address : List.of("", "relative/path", "ftp://x/y", "http://", "https://a b/")) {
      assertInstanceOf(IllegalArgumentException.class, failure(registry.add(address, false)));
    }
    for (String address :
        List.of("https://u:hunter2@reg.example/", "https://reg.example/index.xml?sig=hunter2")) {
      Throwable refusal = failure(registry.add(address, false));
      assertInstanceOf(IllegalArgumentException.class, refusal);
      assertFalse(refusal.getMessage().contains("hunter2"), refusal.getMessage());
    }
    assertEquals(1, get(registry.list()).size());
  }

  @Test
  void whatCannotBeKeptIsNotAdded() throws Exception {
    store.refuse(StoreException.Kind.values()[0]);
    ModuleException refusal =
        assertInstanceOf(ModuleException.class, failure(registry.add(two(), false)));
    assertTrue(refusal.getMessage().startsWith("the repository cannot be added: "), "" + refusal);
    assertEquals(1, get(registry.list()).size());
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get();
  }

  private static Throwable failure(CompletionStage<?> stage) {
    return assertThrows(ExecutionException.class, () -> get(stage)).getCause();
  }

  /** Who only looks waits a minute and no longer, however long a server goes on. */
  @Test
  void whoTakesTooLongIsSaidToHaveAndTheOthersAreShown() throws Exception {
    supply.close();
    BlockingQueue<Runnable> limits = new LinkedBlockingQueue<>();
    Scheduler scheduler =
        (delay, task) -> {
          if (delay.equals(Duration.ofSeconds(60))) {
            limits.add(task);
          }
          return () -> {};
        };
    boot(scheduler, task -> time.factory("looker").newThread(task).start());
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch given = new CountDownLatch(1);
    try (TestServer server = new TestServer()) {
      server.on(
          "/index.xml",
          exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().flush();
            asked.countDown();
            try {
              given.await(200, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      CompletionStage<Report> added = registry.add(server.uri("/index.xml").toString(), false);
      assertTrue(asked.await(60, TimeUnit.SECONDS));
      assertFalse(added.toCompletableFuture().isDone());
      limits.take().run();
      Report report = added.toCompletableFuture().get(60, TimeUnit.SECONDS);
      assertEquals(Optional.of("it was not read within 60 s"), report.problem());
    } finally {
      given.countDown();
    }
  }

  /** It would stand in the log and in every list. */
  @Test
  void aConfiguredAddressWithAPasswordIsRefusedWithoutSayingIt() {
    for (String address : List.of("https://u:hunter2@r/x", "HTTP://hunter2@r;signed")) {
      IllegalArgumentException refusal =
          assertThrows(IllegalArgumentException.class, () -> RepositorySettings.entry(address));
      assertTrue(refusal.getMessage().contains("registryCredentials"), refusal.getMessage());
      assertFalse(refusal.getMessage().contains("hunter2"), refusal.getMessage());
    }
    assertEquals("https://r/a@b", RepositorySettings.entry("https://r/a@b/").address());
  }
}
