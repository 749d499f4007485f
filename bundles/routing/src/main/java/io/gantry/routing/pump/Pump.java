package io.gantry.routing.pump;

import static java.util.Objects.requireNonNull;

import io.gantry.routing.pump.InFlight.Status;
import io.gantry.routing.pump.PumpState.Effect;
import io.gantry.routing.pump.PumpState.Next;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.MessageCodec;
import io.gantry.spi.store.MessageQueue;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the messages of one queue to their receiver: in order, with a window of unanswered ones.
 *
 * <p>The position moves over the answered prefix of the window. A message that is refused stays
 * first in line; it is tried again after a pause, before anything behind it that was not handed
 * over yet. What was handed over behind it and is accepted meanwhile is not sent again.
 *
 * <p>State is owned by the serial executor. Everything that happens elsewhere (answers, appended
 * messages, timers) leaves a note and asks for one turn, so that a batch of answers costs one turn.
 */
public final class Pump {

  private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
  private static final int READ_BYTES = 64 * 1024;
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

  private record Answer(InFlight message, int attempt, Delivery delivery) {}

  private final EndpointAddress address;
  private final MessageQueue queue;
  private final Endpoints endpoints;
  private final int windowSize;
  private final SerialExecutor executor;
  private final Surroundings around;
  private final AtomicBoolean turnDue = new AtomicBoolean();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private volatile boolean appended = true;
  private volatile boolean comeBack;
  private volatile long delivered;
  private volatile String lastProblem = "";
  private volatile PumpState state = new PumpState.Idle();

  // Owned by the executor.
  private final Deque<InFlight> window = new ArrayDeque<>();
  private final Deque<MessageQueue.Entry> readAhead = new ArrayDeque<>();
  private long lastRead;
  private @Nullable Cancellable answerTimer;

  Pump(
      EndpointAddress address,
      MessageQueue queue,
      Endpoints endpoints,
      int windowSize,
      SerialExecutor executor,
      Surroundings around) {
    this.address = address;
    this.queue = queue;
    this.endpoints = endpoints;
    this.windowSize = windowSize;
    this.executor = executor;
    this.around = around;
    this.lastRead = queue.committed();
  }

  /** Begins. */
  void start() {
    queue.onAppend(
        () -> {
          appended = true;
          askForTurn();
        });
    askForTurn();
  }

  /** An endpoint came or went: look who serves the address. Any thread. */
  void resume() {
    comeBack = true;
    askForTurn();
  }

  /** Ends; what is unanswered is delivered again by the next one. Any thread. */
  void close() {
    queue.onAppend(() -> {});
    executor.close();
  }

  /** What operators see. Any thread. */
  EndpointStatus status() {
    return new EndpointStatus(address.id(), state.label(), queue.pending(), delivered, lastProblem);
  }

  private void askForTurn() {
    if (turnDue.compareAndSet(false, true)) {
      execute(this::turn);
    }
  }

  private void execute(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException closed) {
      LOG.debug("Pump of {} is closed", address);
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
    if (appended || state instanceof PumpState.Sending) {
      appended = false;
      become(PumpState::ready);
    }
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

  /** Whether this refusal by a module is the last one that is put up with. */
  private boolean isHopeless(InFlight message) {
    return !message.isDead()
        && message.refused() >= around.mostRefusals()
        && address instanceof EndpointAddress.ModuleInput;
  }

  /** It stays in the window, as if with its receiver, until it is safe among the dead letters. */
  private void bury(InFlight message, String reason) {
    lastProblem = reason;
    message.die();
    int attempt = message.tries();
    around
        .deadLetters()
        .add(address, requireNonNull(message.message()), reason, message.refusals())
        .whenComplete(
            (kept, failure) ->
                answered(
                    message,
                    attempt,
                    failure == null
                        ? Delivery.Accepted.INSTANCE
                        : new Delivery.Retry(
                            "a dead letter cannot be kept: " + failure.getMessage())));
  }

  private void refused(String reason) {
    lastProblem = reason;
    become(PumpState::refused);
  }

  private void commit() {
    long done = -1;
    while (!window.isEmpty() && window.peekFirst().status() == Status.DONE) {
      done = window.removeFirst().offset();
    }
    if (done >= 0) {
      queue.commit(done);
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
            .schedule(wake.pause(), () -> execute(() -> become(now -> now.woken(wake.attempt()))));
      } else {
        send();
      }
    }
  }

  private void send() {
    Optional<Endpoint> serving = endpoints.serving(address);
    if (serving.isEmpty()) {
      become(PumpState::gone);
      return;
    }
    Endpoint receiver = serving.get();
    Instant now = around.clock().instant();
    for (InFlight message : window) {
      boolean lost =
          message.status() == Status.SENT
              && !message.isDead()
              && message.receiver() != receiver
              && !endpoints.contains(message.receiver());
      if (lost || message.status() == Status.WAITING) {
        deliver(message, receiver, now);
      }
    }
    try {
      fill(receiver, now);
    } catch (IOException unreadable) {
      LOG.error("Cannot read the queue of {}; trying again after a pause", address, unreadable);
      refused("the queue cannot be read: " + unreadable.getMessage());
      return;
    }
    if (window.isEmpty()) {
      become(PumpState::drained);
    } else {
      watchAnswers(now);
    }
  }

  private void fill(Endpoint receiver, Instant now) throws IOException {
    while (window.size() < windowSize) {
      if (readAhead.isEmpty()) {
        readAhead.addAll(queue.read(lastRead, windowSize * 4, READ_BYTES));
        if (readAhead.isEmpty()) {
          break;
        }
        lastRead = readAhead.peekLast().offset();
      }
      MessageQueue.Entry entry = readAhead.removeFirst();
      InFlight message = decode(entry);
      window.add(message);
      if (message.message() != null) {
        deliver(message, receiver, now);
      }
    }
    commit();
  }

  private InFlight decode(MessageQueue.Entry entry) {
    try {
      return new InFlight(entry.offset(), MessageCodec.decode(entry.record()));
    } catch (IOException damaged) {
      around.drops().dropped(DropReason.CORRUPT, address.id(), damaged.getMessage());
      InFlight lost = new InFlight(entry.offset(), null);
      lost.done();
      return lost;
    }
  }

  private void deliver(InFlight message, Endpoint receiver, Instant now) {
    message.sent(receiver, now);
    int attempt = message.tries();
    CompletionStage<Delivery> answer;
    try {
      answer = receiver.deliver(address, requireNonNull(message.message()));
    } catch (RuntimeException broken) {
      LOG.error("The receiver of {} failed", address, broken);
      answered(message, attempt, new Delivery.Retry("the receiver failed: " + broken));
      return;
    }
    answer.whenComplete(
        (delivery, failure) ->
            answered(
                message,
                attempt,
                failure == null
                    ? delivery
                    : new Delivery.Retry("the receiver failed: " + failure)));
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
        window.stream()
            .filter(message -> message.status() == Status.SENT)
            .map(InFlight::sentAt)
            .min(Comparator.naturalOrder());
    oldest.ifPresent(
        since -> {
          Duration left = ANSWER_LIMIT.minus(Duration.between(since, now));
          Duration delay = left.isNegative() ? Duration.ZERO : left;
          answerTimer = around.scheduler().schedule(delay, () -> execute(this::checkAnswers));
        });
  }

  private void checkAnswers() {
    answerTimer = null;
    Instant now = around.clock().instant();
    for (InFlight message : List.copyOf(window)) {
      boolean late =
          message.status() == Status.SENT
              && !message.isDead()
              && !now.isBefore(message.sentAt().plus(ANSWER_LIMIT));
      if (late) {
        // Slow is not the same as unwilling: this makes no dead letter, however often it happens.
        message.again();
        refused("no answer within " + ANSWER_LIMIT.toSeconds() + " s");
      }
    }
    watchAnswers(now);
  }
}
