package io.gantry.module.client.traffic;

import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.ModuleLocation;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks modules for the handlers they have registered, and gives them back. A component may be made
 * when it is asked for, and unmade when it is given back: that is the module's own code, and may
 * hang. So each generation is asked in a line of its own, and nobody waits but whoever meets it.
 *
 * <p>Belongs to the executor of whoever asks.
 */
public final class HandlerServices {

  private static final Logger LOG = LoggerFactory.getLogger(HandlerServices.class);

  private final BundleContext context;
  private final Threads threads;
  private final Traffic traffic;
  private final SerialExecutor owner;
  private final Map<ServiceReference<?>, Asked> asked = new HashMap<>();
  private final Map<ModuleLocation, Turns> turns = new HashMap<>();

  /** What was asked for and has not left, whether it is there already or not. */
  private static final class Asked {
    private final ModuleLocation generation;
    private boolean had;

    private Asked(ModuleLocation generation) {
      this.generation = generation;
    }
  }

  private static final class Turns {
    private final SerialExecutor line;
    private int waiting;

    private Turns(SerialExecutor line) {
      this.line = line;
    }
  }

  /**
   * @param owner whose tasks call this, and are told
   */
  public HandlerServices(
      BundleContext context, Threads threads, Traffic traffic, SerialExecutor owner) {
    this.context = context;
    this.threads = threads;
    this.traffic = traffic;
    this.owner = owner;
  }

  /** Whether it was asked for, and neither could not be had nor has left. */
  public boolean knows(ServiceReference<?> reference) {
    return asked.containsKey(reference);
  }

  /**
   * Asks for a handler.
   *
   * @param handler as the subject of a sentence
   * @param had is given it, as a task of the owner, unless it cannot be had or has left meanwhile
   */
  public <S> void ask(
      ServiceReference<S> reference,
      ModuleLocation generation,
      String handler,
      Consumer<? super S> had) {
    Asked request = new Asked(generation);
    asked.put(reference, request);
    CompletableFuture<Void> answered = new CompletableFuture<>();
    traffic.asks(generation, answered);
    Calls calls = traffic.begin(generation, handler + ", which is still being made,");
    inTurn(
        generation,
        () -> {
          @Nullable S service = get(reference, calls);
          traffic.end(calls);
          boolean open =
              owner.offer(
                  () -> {
                    answered(reference, request, handler, service, had);
                    answered.complete(null);
                  });
          if (!open) {
            unget(reference);
            answered.complete(null);
          }
        });
  }

  private <S> @Nullable S get(ServiceReference<S> reference, Calls calls) {
    Call call = new Call();
    calls.begin(call);
    try {
      return context.getService(reference);
    } catch (Throwable failure) {
      LOG.warn("{} cannot be had", reference, failure);
      return null;
    } finally {
      calls.end(call);
    }
  }

  private <S> void answered(
      ServiceReference<S> reference,
      Asked request,
      String handler,
      @Nullable S service,
      Consumer<? super S> had) {
    if (asked.get(reference) != request) {
      giveBack(reference, request.generation);
    } else if (service == null) {
      asked.remove(reference);
      LOG.warn("{} of {} cannot be had", reference, request.generation);
      traffic.lacks(reference, request.generation, handler);
    } else {
      request.had = true;
      traffic.lacksNoMore(reference);
      had.accept(service);
    }
  }

  /** It is called no more, or not any more when it was not there yet. */
  public void leave(ServiceReference<?> reference) {
    traffic.lacksNoMore(reference);
    Asked left = asked.remove(reference);
    if (left != null && left.had) {
      giveBack(reference, left.generation);
    }
  }

  private void giveBack(ServiceReference<?> reference, ModuleLocation generation) {
    inTurn(generation, () -> unget(reference));
  }

  private void unget(ServiceReference<?> reference) {
    try {
      context.ungetService(reference);
    } catch (IllegalStateException stopped) {
      LOG.debug("Stopped already", stopped);
    }
  }

  private void inTurn(ModuleLocation generation, Runnable task) {
    Turns all =
        turns.computeIfAbsent(
            generation, one -> new Turns(threads.serial("handlers of module " + one.module())));
    all.waiting++;
    all.line.execute(
        () -> {
          task.run();
          owner.offer(() -> turnOver(generation, all));
        });
  }

  private void turnOver(ModuleLocation generation, Turns all) {
    all.waiting--;
    if (all.waiting == 0) {
      turns.remove(generation);
    }
  }
}
