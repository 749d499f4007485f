package io.gantry.routing;

import io.gantry.api.message.Message;
import io.gantry.routing.deadletter.StoredDeadLetters;
import io.gantry.routing.dispatch.Dispatcher;
import io.gantry.routing.pump.Pumps;
import io.gantry.routing.pump.Surroundings;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.DeadLetters;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteError;
import io.gantry.spi.routing.RouteExplanation;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.routing.Router;
import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.TableStore;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Compiles, evaluates, queues and pumps. */
@Component(
    service = {Router.class, RouteTable.class, DeadLetters.class, RoutingComponent.class},
    configurationPid = "io.gantry.routing",
    immediate = true)
public final class RoutingComponent implements Router, RouteTable, DeadLetters {

  private static final String DEAD_LETTERS = "dead-letters";

  /** What an operator may set. */
  @interface Config {
    /** So many refusals by a module make a message a dead letter. */
    int deadLetterRefusals() default 10;

    /** Bound of the log of dead letters, at least 1 MiB; the oldest are forgotten first. */
    long deadLetterBytes() default 16L << 20;
  }

  private final StoredDeadLetters deadLetters;
  private final Pumps pumps;
  private final Dispatcher dispatcher;

  @Activate
  public RoutingComponent(
      Config config,
      @Reference QueueStore store,
      @Reference LogStore logs,
      @Reference TableStore tables,
      @Reference Threads threads,
      @Reference Scheduler scheduler,
      @Reference InstantSource clock,
      @Reference Drops drops) {
    if (config.deadLetterRefusals() < 1) {
      throw new IllegalArgumentException(
          "deadLetterRefusals: expected at least 1, found " + config.deadLetterRefusals());
    }
    deadLetters =
        new StoredDeadLetters(
            logs.log(DEAD_LETTERS, config.deadLetterBytes()),
            tables.table(DEAD_LETTERS),
            store,
            clock);
    pumps =
        new Pumps(
            store,
            threads,
            new Surroundings(
                scheduler, clock, drops, deadLetters::add, config.deadLetterRefusals()));
    dispatcher = new Dispatcher(store, pumps, drops);
  }

  @Deactivate
  void deactivate() {
    pumps.close();
  }

  /** Where endpoints are added to and removed from; for {@link EndpointsComponent}. */
  Pumps pumps() {
    return pumps;
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

  @Override
  public List<DeadLetter> read(long from, int max) throws IOException {
    return deadLetters.read(from, max);
  }

  @Override
  public CompletionStage<Boolean> replay(long sequence) {
    return deadLetters.replay(sequence);
  }

  @Override
  public CompletionStage<Long> purge(long upTo) {
    return deadLetters.purge(upTo);
  }
}
