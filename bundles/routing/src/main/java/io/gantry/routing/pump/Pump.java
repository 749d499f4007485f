package io.gantry.routing.pump;

import static java.util.Objects.requireNonNull;

import io.gantry.api.message.SystemProperty;
import io.gantry.routing.pump.InFlight.Status;
import io.gantry.routing.pump.PumpState.Effect;
import io.gantry.routing.pump.PumpState.Next;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Stages;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.store.MessageQueue;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries messages to one endpoint, those of the better priority first, each priority in order,
 * with a window of unanswered ones. So that a busy priority does not starve those below it, every
 * so many deliveries one goes to the oldest message of them.
 *
 * <p>The position of a lane moves over its answered prefix. A message that is refused stays first
 * in line; it is tried again after a pause, before anything behind it that was not handed over yet.
 * What was handed over behind it and is accepted meanwhile is not sent again.
 *
 * <p>State is owned by the serial executor. Everything that happens elsewhere (answers, appended
 * messages, timers) leaves a note and asks for one turn, so that a batch of answers costs one turn.
 */
public final class Pump {

  private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
  private static final int EXPIRED_AT_ONCE = 10_000;
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

  private record Answer(InFlight message, int attempt, Delivery delivery) {}

  private final EndpointAddress address;
  private final Endpoints endpoints;
  private final SerialExecutor executor;
  private final Surroundings around;
  private final AtomicBoolean turnDue = new AtomicBoolean();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private volatile boolean comeBack;
  private volatile long delivered;
  private volatile String lastProblem = "";
  private volatile PumpState state = new PumpState.Idle();

  /** By priority; replaced as a whole. */
  private volatile Lane[] lanes = {};

  // Owned by the executor.
  private int inARow;
  private @Nullable Cancellable answerTimer;

  Pump(EndpointAddress address, Endpoints endpoints, SerialExecutor executor, Surroundings around) {
    this.address = address;
    this.endpoints = endpoints;
    this.executor = executor;
    this.around = around;
  }

  /** Takes on a queue of the store, unless it has one of this priority. Any thread. */
  synchronized void requireDurable(int priority, Supplier<MessageQueue> queue) {
    if (find(DurableLane.class, priority).isEmpty()) {
      add(new DurableLane(queue.get(), priority, this::askForTurn));
    }
  }

  /** Keeps messages of this priority in memory, too. Any thread. */
  synchronized void requireMemory(int priority) {
    if (find(MemoryLane.class, priority).isEmpty()) {
      add(new MemoryLane(priority, around.memoryBytes(), this::askForTurn));
    }
  }

  private void add(Lane lane) {
    Lane[] more = Arrays.copyOf(lanes, lanes.length + 1);
    more[lanes.length] = lane;
    Arrays.sort(more, Comparator.comparingInt(Lane::priority));
    lanes = more;
    askForTurn();
  }

  private <L extends Lane> Optional<L> find(Class<L> kind, int priority) {
    return Arrays.stream(lanes)
        .filter(lane -> kind.isInstance(lane) && lane.priority() == priority)
        .map(kind::cast)
        .findFirst();
  }

  /** Adds a message that waits in memory; false when there is no room. Any thread. */
  boolean offer(RoutedMessage message, int priority, long expiresAt) {
    for (Lane lane : lanes) {
      if (lane.priority() == priority && lane instanceof MemoryLane memory) {
        return memory.offer(message, expiresAt);
      }
    }
    throw new IllegalStateException("no messages of priority " + priority + " wait in memory");
  }

  /** An endpoint came or went: look who serves the address. Any thread. */
  void resume() {
    comeBack = true;
    askForTurn();
  }

  /** Drops what has expired. Any thread. */
  void expire() {
    executor.offer(this::expireSome);
  }

  private void expireSome() {
    long now = around.clock().millis() / 1000;
    boolean more = false;
    for (Lane lane : lanes) {
      try {
        more |=
            lane.expire(
                now,
                EXPIRED_AT_ONCE,
                reason -> around.drops().dropped(reason, address.id(), "waited in vain"));
      } catch (IOException unreadable) {
        LOG.error("Cannot look for what has expired for {}", address, unreadable);
      }
    }
    if (more) {
      expire();
    }
  }

  /** Forgets all that waits. Any thread; completes with how many messages these were. */
  CompletionStage<Long> purge() {
    CompletableFuture<Long> done = new CompletableFuture<>();
    executor.offer(
        () -> {
          long purged = Arrays.stream(lanes).mapToLong(Lane::clear).sum();
          // Nothing answers any more what was under way.
          askForTurn();
          done.complete(purged);
        });
    return done;
  }

  /** Ends; what is unanswered is delivered again by the next one. Any thread. */
  void close() {
    Arrays.stream(lanes).forEach(Lane::close);
    executor.close();
  }

  /** How many messages wait or are under way. Any thread. */
  long pending() {
    return Arrays.stream(lanes).mapToLong(Lane::pending).sum();
  }

  /** What operators see. Any thread. */
  EndpointStatus status() {
    long bytes = Arrays.stream(lanes).mapToLong(Lane::pendingBytes).sum();
    return new EndpointStatus(
        address.id(), state.label(), pending(), bytes, delivered, lastProblem);
  }

  private void askForTurn() {
    if (turnDue.compareAndSet(false, true)) {
      executor.offer(this::turn);
    }
  }

  private void turn() {
    turnDue.set(false);
    takeAnswers();
    commit();
    if (comeBack) {
      comeBack = false;
      become(PumpState::resumed);
    }
    if (state instanceof PumpState.Sending || mayHaveMore()) {
      become(PumpState::ready);
    }
  }

  private boolean mayHaveMore() {
    for (Lane lane : lanes) {
      if (lane.mayHaveMore()) {
        return true;
      }
    }
    return false;
  }

  private void takeAnswers() {
    for (Answer answer = answers.poll(); answer != null; answer = answers.poll()) {
      InFlight message = answer.message;
      if (message.status() == Status.SENT && message.tries() == answer.attempt) {
        take(message, answer.delivery);
      }
    }
  }

  private void take(InFlight message, Delivery delivery) {
    if (delivery instanceof Delivery.Accepted) {
      accepted(message);
    } else if (delivery instanceof Delivery.Rejected rejected) {
      message.refused();
      bury(message, rejected.reason());
    } else if (delivery instanceof Delivery.Retry retry) {
      if (isHopeless(message)) {
        bury(message, retry.reason());
      } else {
        message.live();
        message.again();
        refused(retry.reason());
      }
    } else if (delivery instanceof Delivery.Deferred deferred) {
      message.again();
      lastProblem = lastProblem.isEmpty() ? deferred.reason() : lastProblem;
      become(PumpState::refused);
    } else {
      message.again();
      if (endpoints.serving(address).isEmpty()) {
        become(PumpState::gone);
      } else {
        refused("the receiver left before it answered");
      }
    }
  }

  private void accepted(InFlight message) {
    message.done();
    if (message.isDead()) {
      around.drops().dropped(DropReason.DEAD_LETTER, address.id(), lastProblem);
    } else {
      delivered++;
      lastProblem = "";
    }
    become(PumpState::delivered);
  }

  /** Whether this refusal by a module or a device is the last one that is put up with. */
  private boolean isHopeless(InFlight message) {
    return !message.isDead()
        && message.refused() >= around.mostRefusals()
        && (address instanceof EndpointAddress.ModuleInput || isForDevice());
  }

  private boolean isForDevice() {
    return address instanceof EndpointAddress.Device;
  }

  /** It stays in the window, as if with its receiver, until it is safe among the dead letters. */
  private void bury(InFlight message, String reason) {
    lastProblem = reason;
    message.die();
    await(
        message,
        () ->
            around
                .deadLetters()
                .add(address, requireNonNull(message.message()), reason, message.refusals())
                .thenApply(kept -> Delivery.Accepted.INSTANCE),
        "a dead letter cannot be kept: ");
  }

  private void refused(String reason) {
    lastProblem = reason;
    become(PumpState::refused);
  }

  private void commit() {
    for (Lane lane : lanes) {
      lane.commit();
    }
  }

  private void become(Function<PumpState, Next> event) {
    Next next = event.apply(state);
    if (!next.state().getClass().equals(state.getClass())) {
      LOG.debug(
          "Pump of {}: {} to {} {}", address, state.label(), next.state().label(), lastProblem);
    }
    state = next.state();
    for (Effect effect : next.effects()) {
      if (effect instanceof Effect.WakeAfter wake) {
        around
            .scheduler()
            .schedule(
                wake.pause(), () -> executor.offer(() -> become(now -> now.woken(wake.attempt()))));
      } else {
        send();
      }
    }
  }

  private void send() {
    Optional<Endpoint> serving = endpoints.serving(address);
    Instant now = around.clock().instant();
    try {
      if (serving.isEmpty()) {
        lookWhatWaits();
        become(PumpState::gone);
        return;
      }
      sendAgain(serving.get(), now);
      fill(serving.get(), now);
    } catch (IOException unreadable) {
      LOG.error("Cannot read the queue of {}; trying again after a pause", address, unreadable);
      refused("the queue cannot be read: " + unreadable.getMessage());
      return;
    }
    if (underWay() == 0) {
      become(PumpState::drained);
      if (mayHaveMore()) {
        // All that was taken had expired.
        askForTurn();
      }
    } else {
      watchAnswers(now);
    }
  }

  /** What is added is told only to who has found nothing. */
  private void lookWhatWaits() throws IOException {
    for (Lane lane : lanes) {
      lane.peek();
    }
  }

  private int underWay() {
    int count = 0;
    for (Lane lane : lanes) {
      count += lane.size();
    }
    return count;
  }

  private void sendAgain(Endpoint receiver, Instant now) {
    for (Lane lane : lanes) {
      for (InFlight message : lane.taken()) {
        boolean lost =
            message.status() == Status.SENT
                && !message.isDead()
                && !receiver.equals(message.receiver())
                && !endpoints.contains(message.receiver());
        if (lost && isForDevice() && isHopeless(message)) {
          // As with IoT Hub, what a device took and did not acknowledge was delivered.
          bury(message, "the device was connected anew and had not acknowledged it");
        } else if (lost || message.status() == Status.WAITING) {
          deliver(message, receiver, now);
        }
      }
    }
  }

  private void fill(Endpoint receiver, Instant now) throws IOException {
    for (int room = receiver.window(address) - underWay(); room > 0; room--) {
      Lane lane = choose();
      if (lane == null) {
        break;
      }
      InFlight message = requireNonNull(lane.peek());
      lane.take();
      deliver(message, receiver, now);
    }
    commit();
  }

  /** Whose turn it is; null when nothing waits. */
  private @Nullable Lane choose() throws IOException {
    Lane best = null;
    Lane oldestBelow = null;
    for (Lane lane : lanes) {
      InFlight head = lane.peek();
      if (head == null) {
        continue;
      }
      if (best == null) {
        best = lane;
      } else if (lane.priority() > best.priority()
          && (oldestBelow == null || isOlder(head, oldestBelow.peek()))) {
        oldestBelow = lane;
      }
    }
    if (oldestBelow == null) {
      return best;
    }
    inARow++;
    if (inARow < around.lowerEvery()) {
      return best;
    }
    inARow = 0;
    return oldestBelow;
  }

  private static boolean isOlder(InFlight one, @Nullable InFlight other) {
    RoutedMessage first = one.message();
    RoutedMessage second = other == null ? null : other.message();
    return second != null
        && (first == null || first.enqueuedTime().isBefore(second.enqueuedTime()));
  }

  /** Hands a message over, unless it is worth nothing. */
  private void deliver(InFlight message, Endpoint receiver, Instant now) {
    if (message.message() == null) {
      around.drops().dropped(DropReason.CORRUPT, address.id(), "a stored message is damaged");
      message.done();
    } else if (message.isExpired(now.getEpochSecond())) {
      around.drops().dropped(DropReason.TTL_EXPIRY, address.id(), "waited in vain");
      message.done();
    } else {
      handOver(message, receiver, now);
    }
  }

  private void handOver(InFlight message, Endpoint receiver, Instant now) {
    message.sent(receiver, now);
    await(message, () -> receiver.deliver(address, toDeliver(message)), "the receiver failed: ");
  }

  /** Whatever becomes of it is an answer: a message without one would be waited for. */
  private void await(
      InFlight message, Supplier<CompletionStage<Delivery>> question, String problem) {
    int attempt = message.tries();
    CompletionStage<Delivery> answer;
    try {
      answer = question.get();
    } catch (RuntimeException | Error broken) {
      LOG.error("A message for {} is tried again", address, broken);
      answer = CompletableFuture.failedFuture(broken);
    }
    answer.whenComplete(
        (delivery, failure) ->
            answered(
                message,
                attempt,
                failure == null ? delivery : new Delivery.Retry(problem + Stages.cause(failure))));
  }

  /** A device is told how often it got the message before. */
  private RoutedMessage toDeliver(InFlight message) {
    RoutedMessage routed = requireNonNull(message.message());
    if (!isForDevice()) {
      return routed;
    }
    String before = String.valueOf(message.refusals());
    return new RoutedMessage(
        routed.source(),
        routed.sender(),
        routed.enqueuedTime(),
        routed.message().withSystemProperty(SystemProperty.DELIVERY_COUNT, before));
  }

  private void answered(InFlight message, int attempt, Delivery delivery) {
    answers.add(new Answer(message, attempt, delivery));
    askForTurn();
  }

  /**
   * One timer for the oldest unanswered message: answers mostly come, timers would mostly be for
   * nothing.
   */
  private void watchAnswers(Instant now) {
    if (answerTimer != null) {
      return;
    }
    Optional<Instant> oldest =
        Arrays.stream(lanes)
            .flatMap(lane -> StreamSupport.stream(lane.taken().spliterator(), false))
            .filter(message -> message.status() == Status.SENT && !message.isDead())
            .map(InFlight::sentAt)
            .min(Comparator.naturalOrder());
    oldest.ifPresent(
        since -> {
          Duration left = ANSWER_LIMIT.minus(Duration.between(since, now));
          Duration delay = left.isNegative() ? Duration.ZERO : left;
          answerTimer =
              around.scheduler().schedule(delay, () -> executor.offer(this::checkAnswers));
        });
  }

  private void checkAnswers() {
    answerTimer = null;
    Instant now = around.clock().instant();
    int late = 0;
    for (Lane lane : lanes) {
      for (InFlight message : lane.taken()) {
        if (isLate(message, now)) {
          // Slow is not the same as unwilling: this makes no dead letter, however often it happens.
          message.again();
          late++;
        }
      }
    }
    if (late > 0) {
      refused("no answer within " + ANSWER_LIMIT.toSeconds() + " s");
    }
    watchAnswers(now);
  }

  private static boolean isLate(InFlight message, Instant now) {
    return message.status() == Status.SENT
        && !message.isDead()
        && !now.isBefore(message.sentAt().plus(ANSWER_LIMIT));
  }
}
