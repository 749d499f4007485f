package io.gantry.hub.method;

import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.hub.subscriber.Subscriber;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Stages;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.method.MethodCall;
import io.gantry.spi.method.Methods;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries calls of direct methods to whoever is connected, and waits for as long as the caller
 * wants: first for the target, then for its answer. A call is in memory only and is handed over
 * once; whoever calls decides whether to call again. State is owned by the serial executor.
 */
public final class HubMethods implements Methods {

  private static final Logger LOG = LoggerFactory.getLogger(HubMethods.class);

  /** So many calls of one target may be under way. */
  static final int MOST_OF_ONE = 32;

  /** And of all together: a call holds up to 256 KiB. */
  static final int MOST = 256;

  private final IdentityRegistry identities;
  private final Scheduler scheduler;
  private final SerialExecutor executor;
  private final Map<Identity, Target> targets = new HashMap<>();
  private int underWay;

  public HubMethods(IdentityRegistry identities, Scheduler scheduler, SerialExecutor executor) {
    this.identities = identities;
    this.scheduler = scheduler;
    this.executor = executor;
  }

  // ---- callers

  @Override
  public CompletionStage<MethodResponse> invoke(MethodCall call) {
    try {
      Limits.check(call);
    } catch (RequestException refused) {
      return CompletableFuture.failedFuture(refused);
    }
    Call begun = new Call(call, new CompletableFuture<>());
    if (!executor.offer(() -> begin(begun))) {
      begun.answer().completeExceptionally(stopping(begun));
    }
    return begun.answer();
  }

  private static RequestException stopping(Call call) {
    return new RequestException(503, call + ": the hub stops");
  }

  private void begin(Call call) {
    Identity identity = call.call().target();
    Target target = targets.computeIfAbsent(identity, unknown -> new Target());
    RequestException obstacle = obstacle(call, target);
    if (obstacle != null) {
      call.answer().completeExceptionally(obstacle);
      dropIdle(identity, target);
      return;
    }
    target.add(call);
    underWay++;
    if (target.subscriber() != null) {
      handOver(call, target.subscriber());
    } else {
      limit(call, call.call().connectTimeout(), 404, "is not connected, or answers no methods");
    }
  }

  private @Nullable RequestException obstacle(Call call, Target target) {
    boolean isThere = target.subscriber() != null;
    if (!isThere && identities.find(call.call().target()).isEmpty()) {
      return new RequestException(404, call + ": there is no such identity");
    }
    if (underWay >= MOST || target.size() >= MOST_OF_ONE) {
      return new RequestException(
          429,
          call
              + ": expected at most "
              + MOST_OF_ONE
              + " calls of one target and "
              + MOST
              + " of all at a time, found "
              + target.size()
              + " and "
              + underWay
              + "; try again when they are answered");
    }
    if (!isThere && call.call().connectTimeout().isZero()) {
      return new RequestException(404, call + ": it is not connected, or answers no methods");
    }
    return null;
  }

  private void limit(Call call, Duration time, int status, String what) {
    Cancellable timer =
        scheduler.schedule(
            time,
            () ->
                executor.offer(
                    () ->
                        fail(
                            call,
                            new RequestException(
                                status,
                                call + ": it " + what + " after " + time.toSeconds() + " s"))));
    call.limit(timer);
  }

  private void handOver(Call call, Subscriber subscriber) {
    call.handedTo(subscriber);
    limit(call, call.call().responseTimeout(), 504, "has not answered");
    CompletionStage<MethodResponse> answer;
    try {
      answer = subscriber.session().invoke(call.call().request());
    } catch (RuntimeException broken) {
      answer = CompletableFuture.failedFuture(broken);
    }
    answer.whenComplete(
        (response, failure) -> executor.offer(() -> answered(call, response, failure)));
  }

  private void answered(Call call, @Nullable MethodResponse response, @Nullable Throwable failure) {
    if (response == null) {
      fail(call, problem(call, failure));
      return;
    }
    try {
      Limits.check(call.call(), response);
    } catch (RequestException malformed) {
      fail(call, malformed);
      return;
    }
    if (end(call)) {
      call.answer().complete(response);
    }
  }

  private static RequestException problem(Call call, @Nullable Throwable failure) {
    Throwable cause = Stages.cause(failure);
    if (cause instanceof RequestException request) {
      return request;
    }
    LOG.error("{} failed", call, cause);
    return new RequestException(500, call + ": the way to it failed");
  }

  private void fail(Call call, RequestException reason) {
    if (end(call)) {
      call.answer().completeExceptionally(reason);
    }
  }

  /** False when it has ended before: an answer may be late. */
  private boolean end(Call call) {
    Identity identity = call.call().target();
    Target target = targets.get(identity);
    if (target == null || !target.remove(call)) {
      return false;
    }
    underWay--;
    call.cancelLimit();
    dropIdle(identity, target);
    return true;
  }

  private void dropIdle(Identity identity, Target target) {
    if (target.isIdle()) {
      targets.remove(identity);
    }
  }

  // ---- targets

  /** A client answers methods from now on, and gets those that wait for it. Any thread. */
  public void subscribe(Subscriber client) {
    executor.offer(
        () -> {
          if (client.isOpen()) {
            Target target = targets.computeIfAbsent(client.identity(), unknown -> new Target());
            target.use(client);
            target.handedTo(null).forEach(call -> handOver(call, client));
          }
        });
  }

  /** A client answers no more methods but those that it has. Any thread. */
  public void unsubscribe(Subscriber client) {
    executor.offer(
        () -> {
          Target target = targets.get(client.identity());
          if (target != null && target.subscriber() == client) {
            target.use(null);
            dropIdle(client.identity(), target);
          }
        });
  }

  /** A client is gone, and with it the answers that it owes. Any thread. */
  public void gone(Subscriber client) {
    unsubscribe(client);
    executor.offer(
        () -> failAll(client.identity(), client, 404, "its connection ended before it answered"));
  }

  /** An identity was deleted: nobody waits for it any more. Any thread. */
  public void forget(Identity identity) {
    executor.offer(() -> failAll(identity, null, 404, "its identity was deleted"));
  }

  private void failAll(Identity identity, @Nullable Subscriber client, int status, String text) {
    Target target = targets.get(identity);
    if (target != null) {
      target
          .handedTo(client)
          .forEach(call -> fail(call, new RequestException(status, call + ": " + text)));
    }
  }

  /** The hub stops. */
  public void close() {
    executor.offer(
        () -> {
          for (Target target : List.copyOf(targets.values())) {
            target.all().forEach(call -> fail(call, stopping(call)));
          }
        });
    executor.close();
  }
}
