package io.gantry.mqtt;

import io.gantry.mqtt.broker.Limits;
import io.gantry.mqtt.broker.MqttServer;
import io.gantry.mqtt.broker.ServerConfig;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.Listener;
import io.gantry.spi.store.TableStore;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Listens for MQTT clients, with or without a hub behind it. */
@Component(
    configurationPid = "io.gantry.mqtt",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Listener.class, Endpoint.class},
    immediate = true)
public final class MqttComponent implements Listener, Endpoint {

  /** What an operator may set. */
  @interface Config {
    /** Loopback only, as long as clients are not authenticated. */
    String host() default "127.0.0.1";

    /** 0 for any free port. */
    int port() default 1883;

    /** Messages that may wait for one subscriber of free topics. */
    int backlogMessages() default 1000;

    /** Bytes that may wait for one subscriber of free topics. */
    long backlogBytes() default 4L << 20;

    /** How long a persistent session without a connection is kept. */
    int sessionExpirySeconds() default 7 * 24 * 3600;
  }

  private static final int TOPIC_WINDOW = 256;

  private final MqttServer server;

  @Activate
  public MqttComponent(
      Config config,
      @Reference TableStore tables,
      @Reference Threads threads,
      @Reference Scheduler scheduler,
      @Reference InstantSource clock,
      @Reference Drops drops) {
    Limits.Backlog backlog = new Limits.Backlog(config.backlogMessages(), config.backlogBytes());
    ServerConfig checked =
        new ServerConfig(config.host(), config.port(), backlog, config.sessionExpirySeconds());
    server = new MqttServer(checked, tables, threads, scheduler, clock, drops);
    server.start();
  }

  @Deactivate
  void deactivate() {
    server.close();
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setGateway(ClientGateway gateway) {
    server.setGateway(gateway);
  }

  void unsetGateway(ClientGateway gateway) {
    server.unsetGateway(gateway);
  }

  @Override
  public boolean serves(EndpointAddress address) {
    return address instanceof EndpointAddress.Topic;
  }

  /** Each is answered as soon as the event loop has seen it. */
  @Override
  public int window(EndpointAddress address) {
    return TOPIC_WINDOW;
  }

  @Override
  public CompletionStage<Delivery> deliver(EndpointAddress address, RoutedMessage message) {
    return address instanceof EndpointAddress.Topic topic
        ? server.deliver(topic, message.message())
        : CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
  }

  @Override
  public String protocol() {
    return "mqtt";
  }

  @Override
  public Optional<String> endpoint() {
    return server.endpoint();
  }

  @Override
  public Optional<String> problem() {
    return server.problem();
  }

  @Override
  public int connections() {
    return server.connections();
  }
}
