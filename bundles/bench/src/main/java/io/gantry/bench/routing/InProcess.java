package io.gantry.bench.routing;

import io.gantry.api.module.MessageHandler;
import io.gantry.api.module.ModuleClient;
import io.gantry.bench.store.OpenStore;
import io.gantry.hub.config.StoredConfiguration;
import io.gantry.hub.identity.StoredIdentities;
import io.gantry.hub.ingress.Ingress;
import io.gantry.hub.method.HubMethods;
import io.gantry.hub.session.Sessions;
import io.gantry.hub.twin.HubTwins;
import io.gantry.platform.metrics.DropLedger;
import io.gantry.platform.thread.PooledThreads;
import io.gantry.platform.time.SystemTime;
import io.gantry.platform.time.TimerScheduler;
import io.gantry.routing.deadletter.StoredDeadLetters;
import io.gantry.routing.dispatch.Dispatcher;
import io.gantry.routing.pump.Pumps;
import io.gantry.routing.pump.Surroundings;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.testkit.security.FakeVault;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A gateway in this JVM, wired from what ships, as its components wire it, but without a framework:
 * what is measured is the way of a message, with nothing beside it.
 */
final class InProcess implements AutoCloseable {

  private static final String DEVICE = "gateway";
  private static final int REFUSALS = 10;
  private static final int LOWER_EVERY = 8;
  private static final long MEMORY_BYTES = 4L << 20;

  private final InstantSource clock = new SystemTime();
  private final PooledThreads threads = new PooledThreads();
  private final TimerScheduler scheduler = new TimerScheduler(threads.factory("scheduler"));
  private final SerialExecutor hub = threads.serial("hub");
  private final OpenStore store = new OpenStore();
  private final Pumps pumps;
  private final StoredIdentities identities;
  private final LoneModules modules;

  /**
   * @param routes the routes as a manifest declares them, a JSON object
   */
  InProcess(String routes) throws IOException {
    DropLedger drops = new DropLedger(clock);
    StoredDeadLetters deadLetters =
        new StoredDeadLetters(
            store.folder().log("dead-letters", 16L << 20),
            store.folder().table("dead-letters"),
            store.queues(),
            clock);
    Surroundings around =
        new Surroundings(
            scheduler, clock, drops, deadLetters::add, REFUSALS, LOWER_EVERY, MEMORY_BYTES);
    pumps = new Pumps(store.queues(), threads, around);
    Dispatcher dispatcher = new Dispatcher(store.queues(), pumps, clock, drops);
    StoredConfiguration configuration =
        new StoredConfiguration(store.folder().table("hub"), dispatcher, hub);
    configuration.apply(desired(routes)).toCompletableFuture().join();
    Ingress ingress = new Ingress(DEVICE, dispatcher, clock, drops);
    FakeVault vault = new FakeVault();
    identities =
        new StoredIdentities(
            DEVICE, store.folder().table("identities"), vault, threads.serial("identities"), clock);
    Sessions sessions =
        new Sessions(
            DEVICE,
            "gantry.local",
            ingress,
            new HubTwins(store.folder().table("twins"), vault, identities, ingress::reported, hub),
            new HubMethods(identities, scheduler, hub),
            configuration::isInForce,
            identity -> Optional.empty(),
            receiver -> {});
    modules = new LoneModules(store.path(), sessions, threads, scheduler, clock, pumps::add);
  }

  private static String desired(String routes) {
    return "{\"schemaVersion\":\"1.1\",\"routes\":"
        + routes
        + ",\"storeAndForwardConfiguration\":{\"timeToLiveSecs\":-1}}";
  }

  ModuleClient client(String module) {
    return modules.client(module);
  }

  void handle(String module, String input, MessageHandler handler) {
    modules.handle(module, input, handler);
  }

  @Override
  public void close() throws IOException {
    modules.close();
    pumps.close();
    identities.close();
    hub.close();
    scheduler.close();
    store.close();
    threads.close();
  }
}
