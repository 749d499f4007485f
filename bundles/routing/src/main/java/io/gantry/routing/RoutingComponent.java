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
import io.gantry.spi.routing.RouteHistory;
import io.gantry.spi.routing.RouteSet;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.routing.Router;
import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.TableStore;
import java.io.IOException;
import java.time.InstantSource;
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

  /** One message of the largest size must find room. */
  private static final long LEAST_MEMORY = 512 * 1024;

  /** What an operator may set. */
  @interface Config {
    /** So many refusals by a module make a message a dead letter. */
    int deadLetterRefusals() default 10;

    /** Bound of the log of dead letters, at least 1 MiB; the oldest are forgotten first. */
    long deadLetterBytes() default 16L << 20;

    /** Of so many deliveries one goes to the oldest message of a lower priority; at least 2. */
    int lowerPriorityEvery() default 8;

    /** Bound of what waits in memory for one endpoint and priority, where a route says so. */
    long memoryBytes() default 4L << 20;
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
    atLeast("deadLetterRefusals", config.deadLetterRefusals(), 1);
    atLeast("lowerPriorityEvery", config.lowerPriorityEvery(), 2);
    atLeast("memoryBytes", config.memoryBytes(), LEAST_MEMORY);
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
                scheduler,
                clock,
                drops,
                deadLetters::add,
                config.deadLetterRefusals(),
                config.lowerPriorityEvery(),
                config.memoryBytes()));
    dispatcher = new Dispatcher(store, pumps, clock, drops);
  }

  private static void atLeast(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          name + ": expected at least " + least + ", found " + value);
    }
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
  public CompletionStage<?> route(RoutedMessage message) {
    return dispatcher.route(message);
  }

  @Override
  public CompletionStage<Void> send(
      EndpointAddress address, RoutedMessage message, long expiresAt) {
    return dispatcher.send(address, message, expiresAt);
  }

  @Override
  public long waiting(EndpointAddress address) {
    return dispatcher.waiting(address);
  }

  @Override
  public boolean isWanted(String source) {
    return dispatcher.isWanted(source);
  }

  @Override
  public void resume(EndpointAddress address) {
    dispatcher.resume(address);
  }

  @Override
  public List<RouteError> check(RouteSet routes) {
    return dispatcher.check(routes);
  }

  @Override
  public void replace(RouteSet routes) {
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
  public Optional<List<RouteHistory>> explainLast(String route, int most) {
    return dispatcher.explainLast(route, most);
  }

  @Override
  public CompletionStage<Optional<Long>> purge(String address) {
    return dispatcher.purge(address);
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
