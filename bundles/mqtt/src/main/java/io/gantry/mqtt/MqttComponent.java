package io.gantry.mqtt;

import io.gantry.mqtt.broker.Limits;
import io.gantry.mqtt.broker.MqttServer;
import io.gantry.mqtt.broker.ServerConfig;
import io.gantry.mqtt.broker.ServerConfig.Address;
import io.gantry.mqtt.topic.TopicRights;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.security.Authenticator;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.StreamProtocol;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.TableStore;
import java.time.InstantSource;
import java.util.List;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for MQTT clients, with or without a hub behind it. */
@Component(
    configurationPid = "io.gantry.mqtt",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Endpoint.class, StreamProtocol.class, MqttComponent.class},
    immediate = true)
public final class MqttComponent implements Endpoint, StreamProtocol {

  private static final Logger LOG = LoggerFactory.getLogger(MqttComponent.class);

  /** What an operator may set. */
  @interface Config {
    /** Of the door without encryption: loopback only. */
    String host() default "127.0.0.1";

    /** Of the same; 0 for any free port, -1 for no such door. */
    int port() default 1883;

    /** Of the door with TLS. */
    String tlsHost() default "0.0.0.0";

    /** Of the same; 0 for any free port, -1 for no such door. */
    int tlsPort() default 8883;

    /**
     * For development: clients that come in without encryption and show nothing are who they say,
     * and may do everything on free topics.
     */
    boolean anonymous() default false;

    /** Who may do what on free topics: see TopicRights. */
    String[] topicRules() default {
      "* use {deviceid}/#",
      "*/* use {deviceid}/{moduleid}/#",
      "* subscribe public/#",
      "*/* subscribe public/#"
    };

    /** Connections at a time. */
    int maxConnections() default 1000;

    /** Connections at a time from one address. */
    int maxConnectionsPerAddress() default 1000;

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
      @Reference QueueStore queues,
      @Reference Threads threads,
      @Reference Scheduler scheduler,
      @Reference InstantSource clock,
      @Reference Authenticator authenticator,
      @Reference Certificates certificates,
      @Reference Drops drops) {
    Limits.Backlog backlog = new Limits.Backlog(config.backlogMessages(), config.backlogBytes());
    ServerConfig checked =
        new ServerConfig(
            config.port() < 0
                ? Optional.empty()
                : Optional.of(Address.plain(config.host(), config.port())),
            config.tlsPort() < 0
                ? Optional.empty()
                : Optional.of(Address.tls(config.tlsHost(), config.tlsPort())),
            config.anonymous(),
            TopicRights.of(List.of(config.topicRules())),
            config.maxConnections(),
            config.maxConnectionsPerAddress(),
            backlog,
            config.sessionExpirySeconds());
    if (config.anonymous()) {
      LOG.warn(
          "io.gantry.mqtt: anonymous is on: whoever can reach {}:{} may be anybody. For"
              + " development only",
          config.host(),
          config.port());
    }
    server =
        new MqttServer(
            checked, tables, queues, threads, scheduler, clock, authenticator, certificates, drops);
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
  public String subprotocol() {
    return "mqtt";
  }

  @Override
  public Receiver open(Peer peer) {
    return server.open(peer);
  }

  /** For the components that show the doors. */
  MqttServer server() {
    return server;
  }
}
