package io.gantry.spi.routing;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** Evaluates the routes for a message, stores it for every endpoint that matches, and pumps. */
@ProviderType
public interface Router {

  /** What became of a message that was handed to {@link #route}. */
  enum Routed {
    /** Durable in the queue of each endpoint, or in memory where its routes ask for no more. */
    STORED,
    /** No route matched; counted as {@code no_route}. */
    NO_ROUTE
  }

  /**
   * Routes one message by the table in force at this moment.
   *
   * @return completes when the message is durable for every endpoint, on the store's writer thread
   *     (or at once when no route matches); fails with {@code StoreException}. Stages complete in
   *     the order of the calls of one thread, except those of {@link Routed#NO_ROUTE}
   */
  CompletionStage<Routed> route(RoutedMessage message);

  /**
   * Stores a message for one endpoint, whatever the routes say.
   *
   * @param expiresAt seconds since 1970 after which it is worth nothing, or {@link
   *     io.gantry.spi.store.QueueTarget#NEVER}
   * @return completes when it is durable, on the store's writer thread; fails with {@code
   *     StoreException}
   */
  CompletionStage<Void> send(EndpointAddress address, RoutedMessage message, long expiresAt);

  /** How many messages wait for an endpoint. Any thread; may lag by a moment. */
  long waiting(EndpointAddress address);

  /**
   * Whether some route looks at messages of this source; one of which none does need not be handed
   * over. Any thread; cheap.
   *
   * @param source a text made by {@link MessageSource}
   */
  boolean isWanted(String source);

  /** An endpoint that serves this address has come (back): deliver what waits. Any thread. */
  void resume(EndpointAddress address);
}
