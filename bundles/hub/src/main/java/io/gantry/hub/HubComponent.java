package io.gantry.hub;

import io.gantry.api.message.Message;
import io.gantry.spi.deployment.HubConfiguration;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.routing.Router;
import io.gantry.spi.security.Vault;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.TableStore;
import io.gantry.spi.upstream.EventLog;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Offers the hub's faces to clients, routes and the agent; those to the back end are beside it. */
@Component(
    configurationPid = "io.gantry.hub",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {
      ClientGateway.class,
      HubConfiguration.class,
      EventLog.class,
      Endpoint.class,
      HubComponent.class
    })
public final class HubComponent implements ClientGateway, HubConfiguration, EventLog, Endpoint {

  /** What an operator may set. */
  @interface Config {
    /** The device id of this gateway. */
    String deviceId() default "gateway";

    /** The IoT hub that clients take this gateway for; a name with a dot, or SDKs refuse it. */
    String hubName() default "gantry.local";

    /** Bound of the event log, at least 1 MiB. */
    long eventLogBytes() default 64L << 20;
  }

  private final Hub hub;
  private final Cancellable revoking;
  private final Cancellable forgetting;

  @Activate
  public HubComponent(
      Config config,
      @Reference Router router,
      @Reference RouteTable routes,
      @Reference LogStore logs,
      @Reference TableStore tables,
      @Reference Threads threads,
      @Reference InstantSource clock,
      @Reference Drops drops,
      @Reference Scheduler scheduler,
      @Reference Vault vault,
      @Reference IdentityComponent identities) {
    hub =
        new Hub(
            config.deviceId(),
            config.hubName(),
            config.eventLogBytes(),
            router,
            routes,
            logs,
            tables,
            threads,
            clock,
            drops,
            scheduler,
            vault,
            identities);
    revoking = identities.identities().onRevoked(hub::revoke);
    forgetting = identities.identities().onDeleted(hub::forget);
  }

  /** For the components of this bundle. */
  Hub hub() {
    return hub;
  }

  @Deactivate
  void deactivate() {
    revoking.cancel();
    forgetting.cancel();
    hub.close();
  }

  @Override
  public String deviceId() {
    return hub.gateway().deviceId();
  }

  @Override
  public String hubName() {
    return hub.gateway().hubName();
  }

  @Override
  public ClientConnection connect(Identity identity, ClientSession session)
      throws ConnectionRefusedException {
    return hub.gateway().connect(identity, session);
  }

  @Override
  public boolean wantsTopic(String topic) {
    return hub.gateway().wantsTopic(topic);
  }

  @Override
  public CompletionStage<SendResult> publish(String topic, Message message) {
    return hub.gateway().publish(topic, message);
  }

  @Override
  public List<String> check(String desired) {
    return hub.configuration().check(desired);
  }

  @Override
  public List<String> warnings(String desired) {
    return hub.configuration().warnings(desired);
  }

  @Override
  public CompletionStage<Void> apply(String desired) {
    return hub.configuration().apply(desired);
  }

  @Override
  public List<Event> read(long from, int max) throws IOException {
    return hub.events().read(from, max);
  }

  @Override
  public long first() {
    return hub.events().first();
  }

  @Override
  public long next() {
    return hub.events().next();
  }

  @Override
  public AutoCloseable onAppend(Runnable listener) {
    return hub.events().onAppend(listener);
  }

  @Override
  public boolean serves(EndpointAddress address) {
    return hub.endpoint().serves(address);
  }

  @Override
  public int window(EndpointAddress address) {
    return hub.endpoint().window(address);
  }

  @Override
  public Endpoint receiver(EndpointAddress address) {
    return hub.endpoint().receiver(address);
  }

  @Override
  public CompletionStage<Delivery> deliver(EndpointAddress address, RoutedMessage message) {
    return hub.endpoint().deliver(address, message);
  }
}
