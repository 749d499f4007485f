package io.gantry.module.client.traffic;

import io.gantry.spi.module.ModuleLocation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one handler that are under way. Any thread; nothing waits.
 *
 * <p>Whoever calls looks once more who serves after {@link #begin}, and {@link #end}s the call
 * untouched when that is somebody else now: so whoever has made another one serve, and looks here
 * behind that, sees all calls that will be made.
 */
public final class Calls {

  static final int NOWHERE = -1;

  /** More are never unanswered at a time, but for those of a handler that never answers. */
  private static final int PLACES = 64;

  private final ModuleLocation generation;
  private final String handler;
  private final HangWatch watch;
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicReferenceArray<@Nullable Call> places = new AtomicReferenceArray<>(PLACES);
  private final AtomicReference<@Nullable CompletableFuture<Void>> over = new AtomicReference<>();

  /**
   * @param handler who is called, as the subject of a sentence
   */
  Calls(ModuleLocation generation, String handler, HangWatch watch) {
    this.generation = generation;
    this.handler = handler;
    this.watch = watch;
  }

  /** Whose handler it is. */
  public ModuleLocation generation() {
    return generation;
  }

  String handler() {
    return handler;
  }

  /** A call begins on this thread. */
  public void begin(Call call) {
    underWay.incrementAndGet();
    call.begins(watch.looks());
    for (int place = 0; place < PLACES; place++) {
      if (places.getPlain(place) == null && places.compareAndSet(place, null, call)) {
        call.placed(place);
        break;
      }
    }
    watch.callBegan();
  }

  /** A call has been answered, or was not made. Once for each. */
  public void end(Call call) {
    if (call.place() != NOWHERE) {
      places.set(call.place(), null);
      call.placed(NOWHERE);
    }
    if (underWay.decrementAndGet() == 0) {
      completeIfOver();
    }
    if (call.isReported()) {
      watch.cameBack(generation, call);
    }
  }

  /** Completes when none is under way. */
  public CompletionStage<Void> over() {
    CompletableFuture<Void> stage =
        over.updateAndGet(
            known -> known == null || known.isDone() ? new CompletableFuture<>() : known);
    if (underWay.get() == 0) {
      completeIfOver();
    }
    return stage;
  }

  private void completeIfOver() {
    CompletableFuture<Void> waiting = over.get();
    if (waiting != null) {
      waiting.complete(null);
    }
  }

  /** Whether none is under way. */
  public boolean isOver() {
    return underWay.get() == 0;
  }

  /** Whether it is between being called and coming back. */
  public boolean isInside() {
    for (int place = 0; place < PLACES; place++) {
      Call call = places.get(place);
      if (call != null && call.thread() != null) {
        return true;
      }
    }
    return false;
  }

  /** Whether this call is under way. */
  boolean has(Call call) {
    return call.place() != NOWHERE && places.get(call.place()) == call;
  }

  /** Shows those that are under way. */
  public void forEach(Consumer<Call> each) {
    for (int place = 0; place < PLACES; place++) {
      Call call = places.get(place);
      if (call != null) {
        each.accept(call);
      }
    }
  }
}
