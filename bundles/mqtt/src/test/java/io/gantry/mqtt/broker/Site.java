package io.gantry.mqtt.broker;

import io.gantry.mqtt.topic.TopicRights;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.store.TableStore;
import io.gantry.testkit.security.FakeAuthenticator;
import io.gantry.testkit.security.FakeCertificates;
import io.gantry.testkit.session.FakeGateway;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.Await;
import io.gantry.testkit.time.ManualTime;
import java.net.URI;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** A server on a free port of this machine, with a hub and a store in the hand of the test. */
final class Site implements AutoCloseable {

  final FakeGateway hub = new FakeGateway("gateway");
  final ManualTime time = new ManualTime();
  final FakeAuthenticator authenticator = new FakeAuthenticator();
  final FakeCertificates certificates = new FakeCertificates();
  final FakeStore store;
  final CountingDrops drops = new CountingDrops();
  final MqttServer server;

  Site() throws InterruptedException {
    this(new FakeStore(), new Limits.Backlog(100, 1 << 20));
  }

  Site(FakeStore store, Limits.Backlog backlog) throws InterruptedException {
    this(store, backlog, true, 1000);
  }

  private Site(FakeStore store, Limits.Backlog backlog, boolean anonymous, int connections)
      throws InterruptedException {
    this(store, store, backlog, anonymous, connections, TopicRights.DEFAULT);
  }

  private Site(
      FakeStore store,
      TableStore tables,
      Limits.Backlog backlog,
      boolean anonymous,
      int connections,
      List<String> rules)
      throws InterruptedException {
    this.store = store;
    ServerConfig config =
        new ServerConfig(
            Optional.of(ServerConfig.Address.plain("127.0.0.1", 0)),
            Optional.of(ServerConfig.Address.tls("127.0.0.1", 0)),
            anonymous,
            TopicRights.of(rules),
            connections,
            connections,
            backlog,
            3600);
    server =
        new MqttServer(
            config,
            tables,
            store,
            new PlainThreads(),
            time,
            time,
            authenticator,
            certificates,
            drops);
    server.setGateway(hub);
    server.start();
    Await.until("the server listens", () -> isOpen(server.plain()) && isOpen(server.tls()));
  }

  /** One whose tables the test has in hand. */
  static Site withTables(TableStore tables) throws InterruptedException {
    return new Site(
        new FakeStore(), tables, new Limits.Backlog(100, 1 << 20), true, 1000, TopicRights.DEFAULT);
  }

  /** One with other rules for free topics. */
  static Site withRules(List<String> rules) throws InterruptedException {
    FakeStore store = new FakeStore();
    return new Site(store, store, new Limits.Backlog(100, 1 << 20), true, 1000, rules);
  }

  private static boolean isOpen(Optional<Door> door) {
    return door.flatMap(Door::endpoint).isPresent();
  }

  /** Nobody comes in without showing who it is. */
  static Site strict() throws InterruptedException {
    return strict(new FakeStore());
  }

  /** The same, with what an earlier server has left. */
  static Site strict(FakeStore store) throws InterruptedException {
    return new Site(store, new Limits.Backlog(100, 1 << 20), false, 1000);
  }

  /** A strict one with room for so many. */
  static Site withRoomFor(int connections) throws InterruptedException {
    return new Site(new FakeStore(), new Limits.Backlog(100, 1 << 20), false, connections);
  }

  int port() {
    return port(server.plain());
  }

  int tlsPort() {
    return port(server.tls());
  }

  private static int port(Optional<Door> door) {
    return URI.create(door.flatMap(Door::endpoint).orElseThrow()).getPort();
  }

  int connections() {
    return server.connections(true) + server.connections(false);
  }

  /** A connected client with a clean session. */
  MqttClient connect(String clientId) throws MqttException {
    return connect(clientId, options(true));
  }

  MqttClient connect(String clientId, MqttConnectOptions options) throws MqttException {
    MqttClient client =
        new MqttClient("tcp://127.0.0.1:" + port(), clientId, new MemoryPersistence());
    client.setTimeToWait(60_000);
    client.connect(options);
    return client;
  }

  MqttClient connectTls(String clientId, MqttConnectOptions options) throws MqttException {
    MqttClient client =
        new MqttClient("ssl://localhost:" + tlsPort(), clientId, new MemoryPersistence());
    client.setTimeToWait(60_000);
    client.connect(options);
    return client;
  }

  /** What a client of IoT Hub shows. */
  static MqttConnectOptions azure(String clientId, boolean clean) {
    MqttConnectOptions options = options(clean);
    options.setUserName("gantry.local/" + clientId + "/?api-version=2021-04-12");
    options.setPassword(FakeAuthenticator.PASSWORD.toCharArray());
    return options;
  }

  static MqttConnectOptions options(boolean clean) {
    MqttConnectOptions options = new MqttConnectOptions();
    options.setCleanSession(clean);
    options.setConnectionTimeout(60);
    options.setMaxInflight(5000);
    return options;
  }

  @Override
  public void close() {
    server.close();
  }

  static final class CountingDrops implements Drops {

    private final Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);

    @Override
    public synchronized void dropped(DropReason reason, String subject, String detail) {
      counts.merge(reason, 1L, Long::sum);
    }

    @Override
    public synchronized Map<DropReason, Long> counts() {
      return Map.copyOf(counts);
    }

    long of(DropReason reason) {
      return counts().getOrDefault(reason, 0L);
    }
  }

  /** A thread of its own instead of the platform's pool. */
  private static final class PlainSerial implements SerialExecutor {

    private final ExecutorService thread;

    private PlainSerial(ThreadFactory factory) {
      thread = Executors.newSingleThreadExecutor(factory);
    }

    @Override
    public void execute(Runnable task) {
      thread.execute(task);
    }

    @Override
    public boolean isCurrent() {
      return false;
    }

    @Override
    public void close() {
      thread.shutdown();
    }
  }

  private static final class PlainThreads implements Threads {

    @Override
    public SerialExecutor serial(String name) {
      return new PlainSerial(factory(name));
    }

    @Override
    public ThreadFactory factory(String name) {
      return task -> {
        Thread thread = new Thread(task, "test-" + name);
        thread.setDaemon(true);
        return thread;
      };
    }
  }
}
