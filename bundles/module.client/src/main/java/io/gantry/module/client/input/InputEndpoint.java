package io.gantry.module.client.input;

import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.RoutedMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One input of a module. Messages are handed over in order by the input's own serial executor; a
 * batch that arrives together costs one task.
 *
 * <p>When a synchronous handler fails, what was handed over behind the message is answered with
 * "retry" without calling it, so that it sees its messages in their order when they come again.
 */
final class InputEndpoint implements Endpoint {

  /**
   * Shorter than the shortest pause after a refusal: what comes later belongs to the next round.
   */
  private static final Duration SAME_ROUND = Duration.ofMillis(500);

  /** So many messages of a handler that is done with each in no time. */
  private static final int QUICK_WINDOW = 256;

  private static final long QUICK_MILLIS = 1;

  private static final Delivery BEHIND = new Delivery.Deferred("a message before it failed");

  private final ModuleInput address;
  private final SerialExecutor executor;
  private final InstantSource clock;
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean taskDue = new AtomicBoolean();
  private volatile @Nullable Handler handler;
  private volatile boolean quick;
  private volatile Instant newest = Instant.MIN;

  // Owned by the executor.
  private @Nullable RoutedMessage failed;
  private Instant failedAt = Instant.EPOCH;

  InputEndpoint(ModuleInput address, SerialExecutor executor, InstantSource clock) {
    this.address = address;
    this.executor = executor;
    this.clock = clock;
  }

  /** From now on this handler gets the messages; null when there is none. Any thread. */
  void use(@Nullable Handler newHandler) {
    handler = newHandler;
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
    } else {
      for (Waiting earlier : waiting) {
        if (earlier.message == message) {
          // Still not its turn after the time limit of the pump: the newest try is listened to.
          earlier.answer.set(answer);
          return answer;
        }
      }
    }
    waiting.add(new Waiting(message, new AtomicReference<>(answer)));
    if (taskDue.compareAndSet(false, true)) {
      try {
        executor.execute(this::run);
      } catch (RejectedExecutionException closed) {
        answer.complete(Delivery.Absent.INSTANCE);
      }
    }
    return answer;
  }

  private void run() {
    taskDue.set(false);
    long begin = clock.millis();
    int handled = 0;
    for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
      handle(next);
      handled++;
    }
    Handler current = handler;
    if (handled > 0) {
      quick =
          current != null
              && current.isSynchronous()
              && clock.millis() - begin <= handled * QUICK_MILLIS;
    }
  }

  private void handle(Waiting next) {
    Handler current = handler;
    if (current == null) {
      next.complete(Delivery.Absent.INSTANCE);
      return;
    }
    if (isBehindFailure(next.message)) {
      next.complete(BEHIND);
      return;
    }
    failed = null;
    CompletionStage<Delivery> outcome = current.handle(next.message.message());
    if (!current.isSynchronous()) {
      outcome.thenAccept(next::complete);
      return;
    }
    Delivery delivery = outcome.toCompletableFuture().join();
    if (delivery instanceof Delivery.Retry || delivery instanceof Delivery.Deferred) {
      failed = next.message;
      failedAt = clock.instant();
    }
    next.complete(delivery);
  }

  private boolean isBehindFailure(RoutedMessage message) {
    return failed != null
        && failed != message
        && clock.instant().isBefore(failedAt.plus(SAME_ROUND));
  }

  /** Nobody is called any more; what waits is answered with "absent". */
  void close() {
    handler = null;
    executor.close();
    for (Waiting left = waiting.poll(); left != null; left = waiting.poll()) {
      left.complete(Delivery.Absent.INSTANCE);
    }
  }

  private record Waiting(
      RoutedMessage message, AtomicReference<CompletableFuture<Delivery>> answer) {

    void complete(Delivery delivery) {
      answer.get().complete(delivery);
    }
  }
}
