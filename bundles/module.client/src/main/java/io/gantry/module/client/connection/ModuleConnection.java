package io.gantry.module.client.connection;

import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of one module to the hub, shared by all its bundles. Any thread.
 *
 * <p>It is opened by whoever sends or asks, and again by the next one when the hub has closed it.
 * While the module wants to be told something it is kept open: whatever happens leaves the same
 * task for the serial executor, which looks at what is wanted and what is there. Its tries are a
 * second apart and then more and more, until one has held for long or another hub comes.
 */
public final class ModuleConnection {

  private static final Logger LOG = LoggerFactory.getLogger(ModuleConnection.class);

  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final String module;
  private final Supplier<@Nullable ClientGateway> gateway;
  private final SerialExecutor executor;
  private final Scheduler scheduler;
  private final InstantSource clock;
  private final AtomicReference<@Nullable Link> link = new AtomicReference<>();
  private volatile @Nullable Function<DesiredChange, CompletionStage<Delivery>> listener;
  private volatile @Nullable Function<MethodRequest, CompletionStage<MethodResponse>> handler;
  private volatile boolean closed;

  // Owned by the executor.
  private final Map<Subscription, Long> wanted = new EnumMap<>(Subscription.class);
  private long number;
  private boolean pausing;
  private Duration pause = SHORTEST_PAUSE;
  private Instant lastTry = Instant.EPOCH;
  private Cancellable pauseEnd = () -> {};
  private String refusal = "";

  ModuleConnection(
      String module,
      Supplier<@Nullable ClientGateway> gateway,
      SerialExecutor executor,
      Scheduler scheduler,
      InstantSource clock) {
    this.module = module;
    this.gateway = gateway;
    this.executor = executor;
    this.scheduler = scheduler;
    this.clock = clock;
  }

  /** The module's name. */
  public String module() {
    return module;
  }

  /** The open connection, or a new one. */
  public ClientConnection open() throws ConnectionRefusedException {
    return openLink().connection();
  }

  /**
   * From now on this is told of changes of the desired properties, beginning with what was not
   * accepted before, even when it was there already; nothing is, when it is null. Must not block.
   */
  public void listen(@Nullable Function<DesiredChange, CompletionStage<Delivery>> newListener) {
    listener = newListener;
    want(Subscription.DESIRED_PROPERTIES, newListener != null);
  }

  /** From now on this answers direct methods; nothing does, when it is null. Must not block. */
  public void answer(@Nullable Function<MethodRequest, CompletionStage<MethodResponse>> answering) {
    handler = answering;
    want(Subscription.METHODS, answering != null);
  }

  private void want(Subscription subscription, boolean on) {
    executor.offer(
        () -> {
          if (on) {
            wanted.put(subscription, ++number);
          } else {
            wanted.remove(subscription);
          }
          tend();
        });
  }

  /** A hub is there that was not there before. */
  void hubCame() {
    executor.offer(
        () -> {
          pause = SHORTEST_PAUSE;
          endPause();
        });
  }

  private void endPause() {
    pauseEnd.cancel();
    pausing = false;
    tend();
  }

  /** Opens the connection if somebody listens, and subscribes what is wanted. */
  private void tend() {
    if (closed) {
      return;
    }
    ClientGateway hub = gateway.get();
    Link present = link.get();
    boolean open = present != null && present.isOpen(hub);
    if (!open && (wanted.isEmpty() || hub == null || pausing)) {
      return;
    }
    try {
      if (!open) {
        beginPause();
      }
      openLink().subscribe(wanted);
      refusal = "";
    } catch (ConnectionRefusedException refused) {
      log(refused);
    }
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
    pauseEnd = scheduler.schedule(pause, () -> executor.offer(this::endPause));
    Duration twice = pause.multipliedBy(2);
    pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  private void log(ConnectionRefusedException refused) {
    String text = String.valueOf(refused.getMessage());
    if (text.equals(refusal)) {
      return;
    }
    refusal = text;
    if (refused.temporary()) {
      LOG.info("Module {} is not connected yet and goes on trying: {}", module, text);
    } else {
      LOG.warn("Module {} is not let in and goes on trying: {}", module, text);
    }
  }

  /**
   * Of two threads that open at once the hub keeps the second and closes the first; whoever got the
   * first would be refused, so both use the one that won.
   */
  private Link openLink() throws ConnectionRefusedException {
    ClientGateway hub = gateway.get();
    Link present = link.get();
    if (present != null && present.isOpen(hub)) {
      return present;
    }
    if (hub == null || closed) {
      throw new ConnectionRefusedException("the hub is not there", true);
    }
    Link fresh = new Link(hub, this);
    if (!link.compareAndSet(present, fresh)) {
      Link winner = link.get();
      return winner == null ? openLink() : winner;
    }
    if (present != null) {
      present.end();
    }
    fresh.open();
    if (closed) {
      fresh.end();
    }
    executor.offer(this::tend);
    return fresh;
  }

  CompletionStage<Delivery> desiredChanged(DesiredChange change) {
    var present = listener;
    return present == null
        ? CompletableFuture.completedFuture(Delivery.Absent.INSTANCE)
        : present.apply(change);
  }

  CompletionStage<MethodResponse> invoke(MethodRequest request) {
    var present = handler;
    return present == null
        ? CompletableFuture.failedFuture(
            new RequestException(404, "module " + module + " answers no methods"))
        : present.apply(request);
  }

  /** The hub has ended a link. */
  void ended(CloseReason reason) {
    LOG.info("The hub has closed the connection of module {}: {}", module, reason);
    executor.offer(this::tend);
  }

  void close() {
    closed = true;
    listener = null;
    handler = null;
    Link open = link.getAndSet(null);
    if (open != null) {
      open.end();
    }
    executor.offer(() -> pauseEnd.cancel());
  }
}
