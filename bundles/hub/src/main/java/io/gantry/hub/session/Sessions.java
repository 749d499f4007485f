package io.gantry.hub.session;

import io.gantry.api.message.Message;
import io.gantry.hub.ingress.Ingress;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
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
  private final BooleanSupplier ready;
  private final Consumer<String> subscribed;
  private final Map<Identity, HubConnection> connections = new ConcurrentHashMap<>();

  /**
   * @param deviceId the device id of this gateway
   * @param hubName the name of the IoT hub that it stands in for
   * @param ready whether routes are known: a message let in before would match none and be lost
   * @param subscribed is told the module that wants the messages of its inputs
   */
  public Sessions(
      String deviceId,
      String hubName,
      Ingress ingress,
      BooleanSupplier ready,
      Consumer<String> subscribed) {
    this.deviceId = deviceId;
    this.hubName = hubName;
    this.ingress = ingress;
    this.ready = ready;
    this.subscribed = subscribed;
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
    HubConnection connection = new HubConnection(this, identity, session);
    HubConnection former = connections.put(identity, connection);
    if (former != null) {
      LOG.info("{} connected again; closing its former connection", identity);
      former.end(CloseReason.REPLACED);
    } else {
      LOG.info("{} connected", identity);
    }
    return connection;
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

  /** Only the newest connection may take itself out. */
  void closed(HubConnection connection) {
    if (connections.remove(connection.identity(), connection)) {
      LOG.info("{} disconnected", connection.identity());
    }
  }

  void subscribed(HubConnection connection) {
    if (isOurs(connection.identity()) && connections.get(connection.identity()) == connection) {
      subscribed.accept(((ModuleIdentity) connection.identity()).moduleId());
    }
  }

  private boolean isOurs(Identity identity) {
    return identity instanceof ModuleIdentity module && module.deviceId().equals(deviceId);
  }

  /** The connection that wants the messages of this input. */
  public Optional<ClientSession> receiver(ModuleInput input) {
    HubConnection connection = connections.get(new ModuleIdentity(deviceId, input.module()));
    return connection != null && connection.wantsInputs()
        ? Optional.of(connection.session())
        : Optional.empty();
  }

  /** Ends all connections. */
  public void close() {
    connections.values().forEach(connection -> connection.end(CloseReason.SHUTDOWN));
    connections.clear();
  }
}
