package io.gantry.module.client.input;

import io.gantry.module.client.traffic.Line;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.RoutedMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One input of a module. Messages are handed over in order in the input's own line; a batch that
 * arrives together costs one task.
 *
 * <p>When a synchronous handler fails, what was handed over behind the message is answered with
 * "retry" without calling it, so that it sees its messages in their order when they come again.
 *
 * <p>Without a handler nothing is answered: what was taken waits for the next one. When another
 * handler takes over, the call under way is waited for, so that the order is kept; one that hangs
 * may be given up.
 */
final class InputEndpoint implements Endpoint {

  private static final Logger LOG = LoggerFactory.getLogger(InputEndpoint.class);

  /**
   * Shorter than the shortest pause after a refusal: what comes later belongs to the next round.
   */
  private static final Duration SAME_ROUND = Duration.ofMillis(500);

  /** So many messages of a handler that is done with each in no time. */
  private static final int QUICK_WINDOW = 256;

  private static final long QUICK_MILLIS = 1;

  private static final Delivery BEHIND = new Delivery.Deferred("a message before it failed");

  private final ModuleInput address;
  private final Line line;
  private final InstantSource clock;
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean taskDue = new AtomicBoolean();
  private volatile @Nullable Handler handler;
  private volatile boolean quick;
  private volatile boolean closed;
  private volatile Instant newest = Instant.MIN;

  /** Was taken out for a handler that was not the one to call any more. Written in the line. */
  private volatile @Nullable Waiting first;

  // Owned by whoever chooses the handler.
  private final List<Handler> left = new ArrayList<>();

  // Owned by the line.
  private @Nullable RoutedMessage failed;
  private Instant failedAt = Instant.EPOCH;

  /**
   * @param line becomes ours
   */
  InputEndpoint(ModuleInput address, Line line, InstantSource clock) {
    this.address = address;
    this.line = line;
    this.clock = clock;
  }

  /** From now on this handler gets the messages; null when they wait. */
  void use(@Nullable Handler newHandler) {
    handler = newHandler;
    if (newHandler != null) {
      askForTask();
    }
  }

  /** Whom the messages go to now; null when they wait. */
  @Nullable Handler handler() {
    return handler;
  }

  /**
   * Is not there any more, and not used any more. What it has not answered it may answer until
   * somebody else serves.
   *
   * @return as {@link #takeOver}
   */
  boolean gone(Handler former) {
    if (!former.calls().isOver()) {
      left.add(former);
    }
    return handler != null && takeOver();
  }

  /**
   * Whatever those that are gone have not answered by now goes to the one that serves.
   *
   * @return whether there was something
   */
  boolean takeOver() {
    boolean any = !left.isEmpty();
    for (Handler former : left) {
      former.calls().forEach(call -> ((Waiting) call).complete(Delivery.Absent.INSTANCE));
      if (former.calls().isInside()) {
        line.giveUp();
        askForTask();
      }
    }
    left.clear();
    return any;
  }

  /** What waits goes back to where it is kept. Any thread. */
  void giveBack() {
    for (Waiting left = waiting.poll(); left != null; left = waiting.poll()) {
      left.complete(Delivery.Absent.INSTANCE);
    }
  }

  @Override
  public boolean serves(EndpointAddress asked) {
    return handler != null && address.equals(asked);
  }

  /**
   * A handler that takes one message after another and is quick gets many at a time, so that
   * handing them over costs little; a slow one would let those behind wait for so long that they
   * were sent again, and an asynchronous one shall not have to do with so many at once.
   */
  @Override
  public int window(EndpointAddress to) {
    return quick ? QUICK_WINDOW : Endpoint.super.window(to);
  }

  @Override
  public CompletionStage<Delivery> deliver(EndpointAddress to, RoutedMessage message) {
    CompletableFuture<Delivery> answer = new CompletableFuture<>();
    // What is newer than all before cannot be among them.
    if (message.enqueuedTime().isAfter(newest)) {
      newest = message.enqueuedTime();
    } else if (isWaiting(message, answer)) {
      return answer;
    }
    waiting.add(new Waiting(message, answer));
    askForTask();
    if (closed) {
      giveBack();
    }
    return answer;
  }

  /** Whether it is still not its turn after the time limit of the pump. */
  private boolean isWaiting(RoutedMessage message, CompletableFuture<Delivery> answer) {
    Waiting taken = first;
    if (taken != null && taken.message() == message) {
      taken.answerTo(answer);
      return true;
    }
    for (Waiting earlier : waiting) {
      if (earlier.message() == message) {
        earlier.answerTo(answer);
        return true;
      }
    }
    return false;
  }

  private void askForTask() {
    if (taskDue.compareAndSet(false, true)) {
      try {
        line.execute(this::run);
      } catch (RejectedExecutionException ended) {
        LOG.debug("{} is closed", address);
      }
    }
  }

  private void run() {
    taskDue.set(false);
    long begin = clock.millis();
    int handled = 0;
    Handler current = handler;
    // Nobody waits for a call that hung and came back: another thread has the line then.
    while (current != null && line.isCurrent()) {
      Waiting next = first == null ? waiting.poll() : first;
      if (next == null) {
        break;
      }
      if (handle(current, next)) {
        handled++;
      }
      current = handler;
    }
    if (handled > 0) {
      quick =
          current != null
              && current.isSynchronous()
              && clock.millis() - begin <= handled * QUICK_MILLIS;
    }
  }

  /** Hands a message to its handler, unless another one serves meanwhile: then it stays first. */
  private boolean handle(Handler current, Waiting next) {
    if (isBehindFailure(next.message())) {
      take(next);
      next.complete(BEHIND);
      return true;
    }
    current.calls().begin(next);
    if (handler != current) {
      first = next;
      current.calls().end(next);
      return false;
    }
    take(next);
    failed = null;
    Delivery delivery = current.handle(next);
    if (current.isSynchronous()
        && line.isCurrent()
        && (delivery instanceof Delivery.Retry || delivery instanceof Delivery.Deferred)) {
      failed = next.message();
      failedAt = clock.instant();
    }
    return true;
  }

  private void take(Waiting next) {
    if (first == next) {
      first = null;
    }
  }

  private boolean isBehindFailure(RoutedMessage message) {
    return failed != null
        && failed != message
        && clock.instant().isBefore(failedAt.plus(SAME_ROUND));
  }

  /** Nobody is called any more; what waits is answered with "absent". */
  void close() {
    handler = null;
    closed = true;
    giveBack();
    line.execute(
        () -> {
          Waiting taken = first;
          if (taken != null) {
            taken.complete(Delivery.Absent.INSTANCE);
          }
          giveBack();
        });
    line.close();
  }
}
