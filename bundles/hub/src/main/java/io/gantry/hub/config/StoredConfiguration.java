package io.gantry.hub.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.deployment.HubConfiguration;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the hub's configuration: what is accepted is durable before it is in force, and in force
 * again after a restart before anybody is let in. Changes are made one after another on the serial
 * executor.
 */
public final class StoredConfiguration implements HubConfiguration {

  private static final Logger LOG = LoggerFactory.getLogger(StoredConfiguration.class);
  private static final String KEY = "desired";

  private final Table table;
  private final RouteTable routes;
  private final SerialExecutor executor;
  private volatile boolean inForce;

  public StoredConfiguration(Table table, RouteTable routes, SerialExecutor executor) {
    this.table = table;
    this.routes = routes;
    this.executor = executor;
  }

  /** Puts into force what an earlier run has accepted, if any. */
  public void load() {
    table.get(KEY).ifPresent(stored -> load(new String(stored, UTF_8)));
  }

  private void load(String desired) {
    List<String> errors = check(desired);
    if (errors.isEmpty()) {
      use(desired);
    } else {
      LOG.error(
          "The stored configuration of the hub cannot be used; clients wait for a deployment: {}",
          errors);
    }
  }

  /** Whether there is a configuration. Any thread. */
  public boolean isInForce() {
    return inForce;
  }

  @Override
  public List<String> check(String desired) {
    DesiredProperties.Result result = DesiredProperties.read(desired);
    List<String> errors = new ArrayList<>(result.errors());
    routes
        .check(result.properties().routes())
        .forEach(error -> errors.add("$edgeHub.routes: " + error));
    return errors;
  }

  @Override
  public List<String> warnings(String desired) {
    return DesiredProperties.read(desired).warnings();
  }

  @Override
  public CompletionStage<Void> apply(String desired) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    executor.execute(() -> apply(desired, done));
    return done;
  }

  private void apply(String desired, CompletableFuture<Void> done) {
    List<String> errors = check(desired);
    if (!errors.isEmpty()) {
      done.completeExceptionally(new IllegalArgumentException(String.join("; ", errors)));
      return;
    }
    table
        .put(KEY, desired.getBytes(UTF_8))
        .whenCompleteAsync(
            (stored, failure) -> {
              if (failure != null) {
                done.completeExceptionally(failure);
              } else {
                use(desired);
                done.complete(null);
              }
            },
            executor);
  }

  private void use(String desired) {
    var declared = DesiredProperties.read(desired).properties().routes();
    routes.replace(declared);
    inForce = true;
    LOG.info("{} routes are in force", declared.routes().size());
  }
}
