package io.gantry.hub;

import io.gantry.hub.cloud.CloudMessages;
import io.gantry.hub.config.StoredConfiguration;
import io.gantry.hub.egress.HubEndpoint;
import io.gantry.hub.egress.StoredEvents;
import io.gantry.hub.identity.Obstacles;
import io.gantry.hub.ingress.Ingress;
import io.gantry.hub.method.HubMethods;
import io.gantry.hub.session.Sessions;
import io.gantry.hub.twin.HubTwins;
import io.gantry.spi.deployment.HubConfiguration;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.method.Methods;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.routing.Router;
import io.gantry.spi.security.Vault;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.DeviceMessages;
import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.TableStore;
import io.gantry.spi.twin.Twins;
import io.gantry.spi.upstream.EventLog;
import java.time.InstantSource;

/** The hub without its framework: put together here, taken apart in {@link #close}. */
final class Hub implements AutoCloseable {

  private final Router router;
  private final RouteTable routes;
  private final SerialExecutor executor;
  private final SerialExecutor twinExecutor;
  private final StoredConfiguration configuration;
  private final StoredEvents events;
  private final HubTwins twins;
  private final HubMethods methods;
  private final CloudMessages cloud;
  private final Sessions sessions;
  private final HubEndpoint endpoint;

  Hub(
      String deviceId,
      String hubName,
      long eventLogBytes,
      Router router,
      RouteTable routes,
      LogStore logs,
      TableStore tables,
      Threads threads,
      InstantSource clock,
      Drops drops,
      Scheduler scheduler,
      Vault vault,
      IdentityRegistry identities) {
    Identity.requireValidId("deviceId", deviceId);
    this.router = router;
    this.routes = routes;
    executor = threads.serial("hub");
    configuration = new StoredConfiguration(tables.table("hub"), routes, executor);
    configuration.load();
    events = new StoredEvents(logs.log("upstream", eventLogBytes));
    Ingress ingress = new Ingress(deviceId, router, clock, drops);
    twinExecutor = threads.serial("hub twins");
    twins = new HubTwins(tables.table("twins"), vault, identities, ingress::reported, twinExecutor);
    methods = new HubMethods(identities, scheduler, threads.serial("hub methods"));
    cloud = new CloudMessages(deviceId, identities, router, routes, clock);
    sessions =
        new Sessions(
            deviceId,
            hubName,
            ingress,
            twins,
            methods,
            configuration::isInForce,
            new Obstacles(deviceId, identities)::obstacle,
            this::resume);
    endpoint = new HubEndpoint(sessions, events);
  }

  private void resume(Identity receiver) {
    if (receiver instanceof ModuleIdentity module) {
      resumeInputs(module.moduleId());
    } else {
      router.resume(new EndpointAddress.Device(receiver.deviceId()));
    }
  }

  private void resumeInputs(String module) {
    String prefix = "modules/" + module + "/inputs/";
    routes.endpoints().stream()
        .map(status -> status.address())
        .filter(address -> address.startsWith(prefix))
        .forEach(address -> EndpointAddress.parse(address).ifPresent(router::resume));
  }

  ClientGateway gateway() {
    return sessions;
  }

  HubConfiguration configuration() {
    return configuration;
  }

  EventLog events() {
    return events;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  Twins twins() {
    return twins;
  }

  Methods methods() {
    return methods;
  }

  DeviceMessages cloud() {
    return cloud;
  }

  /** What an identity has proved counts no more: its connection ends. Any thread. */
  void revoke(Identity identity) {
    sessions.revoke(identity);
  }

  /** An identity was deleted: its twin goes, and what waits for it. Any thread. */
  void forget(Identity identity) {
    twins.forget(identity);
    methods.forget(identity);
    if (identity instanceof DeviceIdentity device) {
      cloud.forget(device.deviceId());
    }
  }

  @Override
  public void close() {
    sessions.close();
    methods.close();
    twinExecutor.close();
    executor.close();
  }
}
