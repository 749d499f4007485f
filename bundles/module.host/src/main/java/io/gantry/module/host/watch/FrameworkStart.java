package io.gantry.module.host.watch;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;

/**
 * The moment from which on modules may be put into the framework: when it has started all that
 * belongs to the runtime. Before, its start levels may not be high enough for them, and its own
 * resolving gets into the way of theirs.
 */
public final class FrameworkStart implements FrameworkListener, AutoCloseable {

  private final BundleContext context;
  private final CompletableFuture<Void> reached = new CompletableFuture<>();

  public FrameworkStart(BundleContext context) {
    this.context = context;
    context.addFrameworkListener(this);
    if (context.getBundle(0).getState() == Bundle.ACTIVE) {
      reached.complete(null);
    }
  }

  /** Completes when it is there, on the framework's thread, which must not be blocked. */
  public CompletionStage<Void> reached() {
    return reached;
  }

  @Override
  public void frameworkEvent(FrameworkEvent event) {
    if (event.getType() == FrameworkEvent.STARTED) {
      reached.complete(null);
    }
  }

  /** Whoever still waits goes on, and finds the runtime closed. */
  @Override
  public void close() {
    context.removeFrameworkListener(this);
    reached.complete(null);
  }
}
