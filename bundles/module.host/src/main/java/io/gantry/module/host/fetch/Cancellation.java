package io.gantry.module.host.fetch;

import java.util.concurrent.atomic.AtomicReference;

/** Lets somebody call off what another thread is fetching. Any thread. */
public final class Cancellation {

  private static final Runnable NOTHING = () -> {};

  private final AtomicReference<Runnable> underWay = new AtomicReference<>(NOTHING);
  private volatile boolean cancelled;

  /** Ends what is under way, and lets nothing more begin. */
  public void cancel() {
    cancelled = true;
    underWay.get().run();
  }

  /** Whether it was called off. */
  public boolean isCancelled() {
    return cancelled;
  }

  /** From now on this ends what is under way; it is run at once when it is too late. */
  public void listen(Runnable end) {
    underWay.set(end);
    if (cancelled) {
      end.run();
    }
  }

  /** Begins something that ends early when this is run. */
  void begin(Runnable end) throws FetchException {
    listen(end);
    check();
  }

  /** What had begun is over. */
  public void end() {
    underWay.set(NOTHING);
  }

  /** Goes on only when nobody has called it off. */
  public void check() throws FetchException {
    if (cancelled) {
      throw FetchException.lasting("was called off");
    }
  }
}
