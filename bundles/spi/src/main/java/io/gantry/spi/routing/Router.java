package io.gantry.spi.routing;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** Evaluates the routes for a message, stores it for every endpoint that matches, and pumps. */
@ProviderType
public interface Router {

  /**
   * Routes one message by the table in force at this moment.
   *
   * @return completes when the message is durable in the queue of each endpoint, or in memory where
   *     its routes ask for no more, on the store's writer thread; or at once when no route matches,
   *     which is counted as {@code no_route}, or all that match ask for memory. Fails with {@code
   *     StoreException}. Stages that the store completes do so in the order of the calls of one
   *     thread
   */
  CompletionStage<?> route(RoutedMessage message);

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
