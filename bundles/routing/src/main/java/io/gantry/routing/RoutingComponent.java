package io.gantry.routing;

import io.gantry.api.message.Message;
import io.gantry.routing.dispatch.Dispatcher;
import io.gantry.routing.pump.Pumps;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteError;
import io.gantry.spi.routing.RouteExplanation;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.routing.Router;
import io.gantry.spi.store.QueueStore;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Wires outputs to inputs: endpoints come and go as services. */
@Component(
    service = {Router.class, RouteTable.class},
    immediate = true)
public final class RoutingComponent implements Router, RouteTable {

  private final Pumps pumps;
  private final Dispatcher dispatcher;

  @Activate
  public RoutingComponent(
      @Reference QueueStore store,
      @Reference Threads threads,
      @Reference Scheduler scheduler,
      @Reference InstantSource clock,
      @Reference Drops drops) {
    pumps = new Pumps(store, threads, scheduler, clock, drops);
    dispatcher = new Dispatcher(store, pumps, drops);
  }

  @Deactivate
  void deactivate() {
    pumps.close();
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindEndpoint(Endpoint endpoint) {
    pumps.add(endpoint);
  }

  void unbindEndpoint(Endpoint endpoint) {
    pumps.remove(endpoint);
  }

  @Override
  public CompletionStage<Routed> route(RoutedMessage message) {
    return dispatcher.route(message);
  }

  @Override
  public void resume(EndpointAddress address) {
    dispatcher.resume(address);
  }

  @Override
  public List<RouteError> check(Collection<RouteDefinition> routes) {
    return dispatcher.check(routes);
  }

  @Override
  public void replace(Collection<RouteDefinition> routes) {
    dispatcher.replace(routes);
  }

  @Override
  public List<RouteDefinition> routes() {
    return dispatcher.routes();
  }

  @Override
  public Optional<RouteExplanation> explain(String route, String source, Message message) {
    return dispatcher.explain(route, source, message);
  }

  @Override
  public List<EndpointStatus> endpoints() {
    return dispatcher.endpoints();
  }
}
