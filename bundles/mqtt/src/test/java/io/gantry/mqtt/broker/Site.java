package io.gantry.mqtt.broker;

import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.testkit.session.FakeGateway;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.ManualTime;
import java.net.URI;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** A server on a free port of this machine, with a hub and a store in the hand of the test. */
final class Site implements AutoCloseable {

  final FakeGateway hub = new FakeGateway("gateway");
  final ManualTime time = new ManualTime();
  final FakeStore store;
  final CountingDrops drops = new CountingDrops();
  final MqttServer server;

  Site() throws InterruptedException {
    this(new FakeStore(), new Limits.Backlog(100, 1 << 20));
  }

  Site(FakeStore store, Limits.Backlog backlog) throws InterruptedException {
    this.store = store;
    ServerConfig config = new ServerConfig("127.0.0.1", 0, backlog, 3600);
    server = new MqttServer(config, store, new PlainThreads(), time, time, drops);
    server.setGateway(hub);
    server.start();
    Await.until("the server listens", () -> server.endpoint().isPresent());
  }

  int port() {
    return URI.create(server.endpoint().orElseThrow()).getPort();
  }

  /** A connected client with a clean session. */
  MqttClient connect(String clientId) throws MqttException {
    return connect(clientId, options(true));
  }

  MqttClient connect(String clientId, MqttConnectOptions options) throws MqttException {
    MqttClient client =
        new MqttClient("tcp://127.0.0.1:" + port(), clientId, new MemoryPersistence());
    client.setTimeToWait(10_000);
    client.connect(options);
    return client;
  }

  static MqttConnectOptions options(boolean clean) {
    MqttConnectOptions options = new MqttConnectOptions();
    options.setCleanSession(clean);
    options.setConnectionTimeout(10);
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

  private static final class PlainThreads implements Threads {

    @Override
    public SerialExecutor serial(String name) {
      throw new UnsupportedOperationException("the server has a loop of its own");
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
