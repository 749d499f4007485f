package io.gantry.hub;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.module.RequestException;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.Subscription;
import io.gantry.testkit.identity.FakeIdentities;
import io.gantry.testkit.routing.FakeDrops;
import io.gantry.testkit.security.FakeVault;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** A hub with routes in force, that knows the device {@code thermo1}, among fakes. */
final class TestHub {

  static final Identity THERMO = new DeviceIdentity("thermo1");

  final FakeStore store = new FakeStore();
  final ManualTime time = new ManualTime();
  final FakeDrops drops = new FakeDrops();
  final RecordingRouter router = new RecordingRouter(store);
  final FakeIdentities identities = new FakeIdentities().with(THERMO, "first");
  ManualThreads threads = new ManualThreads();
  Hub hub = start();

  TestHub() {
    join(hub.configuration().apply("{\"schemaVersion\":\"1.0\",\"routes\":{}}"));
  }

  private Hub start() {
    threads = new ManualThreads();
    return new Hub(
        "gateway",
        "gantry.local",
        1 << 20,
        router,
        router,
        store,
        store,
        threads,
        time,
        drops,
        time,
        new FakeVault(),
        identities);
  }

  /** Another hub on the same store. */
  void restart() {
    hub.close();
    hub = start();
  }

  /** The power fails: what waits is not done any more. */
  void crash() {
    hub = start();
  }

  ClientConnection connect(Identity identity, ClientSession session) {
    try {
      return hub.gateway().connect(identity, session);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  ClientConnection connect(ClientSession session, Subscription subscription) {
    ClientConnection connection = connect(THERMO, session);
    connection.subscribe(subscription);
    threads.runAll();
    return connection;
  }

  <T> T join(CompletionStage<T> stage) {
    threads.runAll();
    CompletableFuture<T> future = stage.toCompletableFuture();
    assertTrue(future.isDone(), "is answered");
    return future.join();
  }

  /** Why a request was refused. */
  RequestException refusal(CompletionStage<?> stage) {
    threads.runAll();
    CompletableFuture<?> future = stage.toCompletableFuture();
    assertTrue(future.isDone(), "is answered");
    CompletionException failure = assertThrows(CompletionException.class, future::join);
    return (RequestException) failure.getCause();
  }
}
