package io.gantry.module.client.connection;

import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.session.ClientGateway;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One connection for each module that somebody uses; closed when the last has done. Any thread. */
public final class ModuleConnections implements AutoCloseable {

  private final Supplier<@Nullable ClientGateway> gateway;
  private final SerialExecutor executor;
  private final Scheduler scheduler;
  private final InstantSource clock;
  private final Map<String, Shared> shared = new ConcurrentHashMap<>();

  private record Shared(ModuleConnection connection, int users) {}

  /**
   * @param gateway gives the hub; null while it is not there
   */
  public ModuleConnections(
      Supplier<@Nullable ClientGateway> gateway,
      Threads threads,
      Scheduler scheduler,
      InstantSource clock) {
    this.gateway = gateway;
    this.executor = threads.serial("module connections");
    this.scheduler = scheduler;
    this.clock = clock;
  }

  /** A hub is there that was not there before. */
  public void hubCame() {
    shared.values().forEach(used -> used.connection.hubCame());
  }

  /** The connection of a module, for one more user. */
  public Use use(String module) {
    Shared used =
        shared.compute(
            module,
            (name, known) ->
                known == null
                    ? new Shared(connection(name), 1)
                    : new Shared(known.connection, known.users + 1));
    return new Use(used.connection);
  }

  private ModuleConnection connection(String module) {
    return new ModuleConnection(module, gateway, executor, scheduler, clock);
  }

  private void release(String module) {
    AtomicReference<@Nullable ModuleConnection> last = new AtomicReference<>();
    shared.computeIfPresent(
        module,
        (name, known) -> {
          if (known.users > 1) {
            return new Shared(known.connection, known.users - 1);
          }
          last.set(known.connection);
          return null;
        });
    ModuleConnection unused = last.get();
    if (unused != null) {
      unused.close();
    }
  }

  @Override
  public void close() {
    shared.values().forEach(used -> used.connection.close());
    shared.clear();
    executor.close();
  }

  /** That somebody uses a connection. */
  public final class Use implements AutoCloseable {

    private final ModuleConnection connection;
    private final AtomicBoolean released = new AtomicBoolean();

    private Use(ModuleConnection connection) {
      this.connection = connection;
    }

    /** The connection. */
    public ModuleConnection connection() {
      return connection;
    }

    /** It is needed no more. Calling twice does nothing more. */
    @Override
    public void close() {
      if (released.compareAndSet(false, true)) {
        release(connection.module());
      }
    }
  }
}
