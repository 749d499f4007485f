package io.gantry.agent.client.link;

import io.gantry.api.message.Message;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's connection to the hub, kept open while there is a hub: tries are a second apart and
 * then more and more, until one has held for long or another hub comes. State is owned by the
 * serial executor.
 */
public final class AgentLink implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AgentLink.class);

  /** The name of the agent among the modules of its gateway. */
  static final String MODULE = "$edgeAgent";

  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final SerialExecutor executor;
  private final Scheduler scheduler;
  private final InstantSource clock;
  private final Reporter reporter;
  private final Function<MethodRequest, CompletionStage<MethodResponse>> methods;

  // Owned by the executor.
  private @Nullable ClientGateway hub;
  private @Nullable Session session;
  private boolean closed;
  private boolean pausing;
  private Duration pause = SHORTEST_PAUSE;
  private Instant lastTry = Instant.EPOCH;
  private Cancellable pauseEnd = () -> {};
  private String refusal = "";

  /**
   * @param executor of the owner, of the reporter, too
   * @param methods answers calls; must not block
   */
  public AgentLink(
      SerialExecutor executor,
      Scheduler scheduler,
      InstantSource clock,
      Reporter reporter,
      Function<MethodRequest, CompletionStage<MethodResponse>> methods) {
    this.executor = executor;
    this.scheduler = scheduler;
    this.clock = clock;
    this.reporter = reporter;
    this.methods = methods;
  }

  /** A hub has come. Any thread. */
  public void hubCame(ClientGateway fresh) {
    later(
        () -> {
          hub = fresh;
          pause = SHORTEST_PAUSE;
          leave();
          endPause();
        });
  }

  /** A hub has gone. Any thread. */
  public void hubGone(ClientGateway former) {
    later(
        () -> {
          if (hub == former) {
            hub = null;
            leave();
          }
        });
  }

  /**
   * The agent has come. Any thread.
   *
   * @return is to be closed when it has gone
   */
  public AutoCloseable agentCame(Deployments agent) {
    AutoCloseable listening = agent.listen(reporter::changed);
    reporter.agentCame(agent);
    return () -> {
      reporter.agentGone(agent);
      listening.close();
    };
  }

  private void endPause() {
    pauseEnd.cancel();
    pausing = false;
    tend();
  }

  private void tend() {
    ClientGateway present = hub;
    if (closed || present == null || session != null || pausing) {
      return;
    }
    beginPause();
    Session fresh = new Session();
    session = fresh;
    try {
      fresh.connection = present.connect(new ModuleIdentity(present.deviceId(), MODULE), fresh);
    } catch (ConnectionRefusedException refused) {
      session = null;
      log(refused);
      return;
    } catch (RuntimeException | Error failure) {
      session = null;
      LOG.warn("The hub failed to let the agent in; it goes on trying", failure);
      return;
    }
    refusal = "";
    fresh.connection.subscribe(Subscription.METHODS);
    reporter.connected(fresh.connection);
  }

  /** Before the try, so that a connection that ends at once is not opened at once. */
  private void beginPause() {
    Instant now = clock.instant();
    if (!now.isBefore(lastTry.plus(LONGEST_PAUSE.multipliedBy(2)))) {
      pause = SHORTEST_PAUSE;
    }
    lastTry = now;
    pausing = true;
    pauseEnd.cancel();
    pauseEnd = scheduler.schedule(pause, () -> later(this::endPause));
    Duration twice = pause.multipliedBy(2);
    pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  private void log(ConnectionRefusedException refused) {
    String text = String.valueOf(refused.getMessage());
    if (!text.equals(refusal)) {
      refusal = text;
      LOG.info("The agent is not connected to the hub yet and goes on trying: {}", text);
    }
  }

  private void leave() {
    Session former = session;
    session = null;
    reporter.disconnected();
    if (former != null && former.connection != null) {
      former.connection.close();
    }
  }

  private void later(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException stopped) {
      LOG.debug("Stopped already", stopped);
    }
  }

  /** Leaves the hub. Does not close the executor. */
  @Override
  public void close() {
    later(
        () -> {
          closed = true;
          pauseEnd.cancel();
          leave();
        });
  }

  /** One time that the agent is connected. */
  private final class Session implements ClientSession {

    private @Nullable ClientConnection connection;

    @Override
    public CompletionStage<Delivery> deliver(String input, Message message) {
      return CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
    }

    @Override
    public CompletionStage<MethodResponse> invoke(MethodRequest request) {
      return methods.apply(request);
    }

    @Override
    public void close(CloseReason reason) {
      later(
          () -> {
            if (session == this) {
              LOG.info("The hub has closed the connection of the agent: {}", reason);
              session = null;
              reporter.disconnected();
              tend();
            }
          });
    }
  }
}
