package io.gantry.hub.session;

import io.gantry.api.message.Message;
import io.gantry.hub.ingress.Ingress;
import io.gantry.hub.method.HubMethods;
import io.gantry.hub.subscriber.Subscriber;
import io.gantry.hub.twin.HubTwins;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointAddress.Device;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.Subscription;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is connected: one connection for each identity, the newest wins. Safe for use by any number
 * of threads; nothing here waits.
 */
public final class Sessions implements ClientGateway {

  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

  private final String deviceId;
  private final String hubName;
  private final Ingress ingress;
  private final HubTwins twins;
  private final HubMethods methods;
  private final BooleanSupplier ready;
  private final Function<Identity, Optional<String>> obstacle;
  private final Consumer<Identity> receives;
  private final Map<Identity, HubConnection> connections = new ConcurrentHashMap<>();

  /**
   * @param deviceId the device id of this gateway
   * @param hubName the name of the IoT hub that it stands in for
   * @param ready whether routes are known: a message let in before would match none and be lost
   * @param obstacle why an identity may not come in, whatever it has proved
   * @param receives is told who wants messages from now on: a module of this gateway those of its
   *     inputs, a device those of the back end
   */
  public Sessions(
      String deviceId,
      String hubName,
      Ingress ingress,
      HubTwins twins,
      HubMethods methods,
      BooleanSupplier ready,
      Function<Identity, Optional<String>> obstacle,
      Consumer<Identity> receives) {
    this.deviceId = deviceId;
    this.hubName = hubName;
    this.ingress = ingress;
    this.twins = twins;
    this.methods = methods;
    this.ready = ready;
    this.obstacle = obstacle;
    this.receives = receives;
  }

  @Override
  public String deviceId() {
    return deviceId;
  }

  @Override
  public String hubName() {
    return hubName;
  }

  @Override
  public ClientConnection connect(Identity identity, ClientSession session)
      throws ConnectionRefusedException {
    if (!ready.getAsBoolean()) {
      throw new ConnectionRefusedException(
          "Connecting "
              + identity
              + ": there is no deployment yet, so messages have no routes; deploy one",
          true);
    }
    admit(identity);
    HubConnection connection = new HubConnection(this, identity, session);
    HubConnection former = connections.put(identity, connection);
    if (former != null) {
      LOG.info("{} connected again; closing its former connection", identity);
      former.end(CloseReason.REPLACED);
    } else {
      LOG.info("{} connected", identity);
    }
    readmit(connection);
    return connection;
  }

  private void admit(Identity identity) throws ConnectionRefusedException {
    Optional<String> found = obstacle.apply(identity);
    if (found.isPresent()) {
      throw new ConnectionRefusedException("Connecting " + identity + ": " + found.get(), true);
    }
  }

  /** Whoever was disabled meanwhile may have been so before its connection could be found. */
  private void readmit(HubConnection connection) throws ConnectionRefusedException {
    try {
      admit(connection.identity());
    } catch (ConnectionRefusedException refused) {
      connections.remove(connection.identity(), connection);
      throw refused;
    }
  }

  /** Ends the connection of an identity that is no more what it has proved to be. */
  public void revoke(Identity identity) {
    HubConnection connection = connections.remove(identity);
    if (connection != null) {
      LOG.info("{} has to go: it was disabled or deleted, or has a new key", identity);
      connection.end(CloseReason.REVOKED);
    }
  }

  @Override
  public boolean wantsTopic(String topic) {
    return ingress.wantsTopic(topic);
  }

  @Override
  public CompletionStage<SendResult> publish(String topic, Message message) {
    return ingress.publish(topic, message);
  }

  Ingress ingress() {
    return ingress;
  }

  HubTwins twins() {
    return twins;
  }

  /** Only the newest connection may take itself out. */
  void closed(HubConnection connection) {
    if (connections.remove(connection.identity(), connection)) {
      LOG.info("{} disconnected", connection.identity());
    }
    ended(connection);
  }

  /** Nobody waits for it or tells it anything any more. */
  void ended(HubConnection connection) {
    twins.unsubscribe(connection);
    methods.gone(connection);
  }

  void subscribed(HubConnection connection, Subscription subscription) {
    switch (subscription) {
      case INPUTS, CLOUD_MESSAGES -> receives(connection);
      case METHODS -> methods.subscribe(connection);
      case DESIRED_PROPERTIES -> twins.subscribe(connection);
    }
  }

  void unsubscribed(HubConnection connection, Subscription subscription) {
    switch (subscription) {
      case METHODS -> methods.unsubscribe(connection);
      case DESIRED_PROPERTIES -> twins.unsubscribe(connection);
      default -> LOG.debug("{} wants no more {}", connection.identity(), subscription);
    }
  }

  private void receives(HubConnection connection) {
    Identity identity = connection.identity();
    boolean hasQueues = identity instanceof DeviceIdentity || identity.deviceId().equals(deviceId);
    if (hasQueues && connections.get(identity) == connection) {
      receives.accept(identity);
    }
  }

  /** The connection that wants the messages of this address. */
  public Optional<Subscriber> receiver(EndpointAddress address) {
    if (address instanceof ModuleInput input) {
      return receiver(new ModuleIdentity(deviceId, input.module()), Subscription.INPUTS);
    }
    return address instanceof Device device
        ? receiver(new DeviceIdentity(device.deviceId()), Subscription.CLOUD_MESSAGES)
        : Optional.empty();
  }

  private Optional<Subscriber> receiver(Identity identity, Subscription subscription) {
    HubConnection connection = connections.get(identity);
    return connection != null && connection.wants(subscription)
        ? Optional.of(connection)
        : Optional.empty();
  }

  /** Ends all connections. */
  public void close() {
    connections.values().forEach(connection -> connection.end(CloseReason.SHUTDOWN));
    connections.clear();
  }
}
