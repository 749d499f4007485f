package io.gantry.hub;

import io.gantry.hub.config.StoredConfiguration;
import io.gantry.hub.egress.HubEndpoint;
import io.gantry.hub.egress.StoredEvents;
import io.gantry.hub.ingress.Ingress;
import io.gantry.hub.session.Sessions;
import io.gantry.spi.deployment.HubConfiguration;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.routing.Router;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.TableStore;
import io.gantry.spi.upstream.EventLog;
import java.time.InstantSource;

/** The hub without its framework: put together here, taken apart in {@link #close}. */
final class Hub implements AutoCloseable {

  private final Router router;
  private final RouteTable routes;
  private final SerialExecutor executor;
  private final StoredConfiguration configuration;
  private final StoredEvents events;
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
      Drops drops) {
    Identity.requireValidId("deviceId", deviceId);
    this.router = router;
    this.routes = routes;
    executor = threads.serial("hub");
    configuration = new StoredConfiguration(tables.table("hub"), routes, executor);
    configuration.load();
    events = new StoredEvents(logs.log("upstream", eventLogBytes));
    sessions =
        new Sessions(
            deviceId,
            hubName,
            new Ingress(deviceId, router, clock, drops),
            configuration::isInForce,
            this::resumeInputs);
    endpoint = new HubEndpoint(sessions, events);
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

  @Override
  public void close() {
    sessions.close();
    executor.close();
  }
}
