package io.gantry.spi.routing;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Something that takes messages: a whiteboard service. Routing binds endpoints as they come and go
 * and asks those present for the one that serves an address; an address that none serves keeps its
 * messages in the store. An endpoint whose answer to {@link #serves} changes while it is registered
 * tells {@link Router#resume}.
 */
@ConsumerType
public interface Endpoint {

  /** Whether messages for this address can be delivered here now. Any thread; must not block. */
  boolean serves(EndpointAddress address);

  /**
   * How many messages for this address may be unanswered at a time, at least 1. Asked again and
   * again; any thread.
   */
  default int window(EndpointAddress address) {
    return 16;
  }

  /**
   * Whoever takes the messages of an address that is served: itself, or, where a receiver is one
   * connection of several that follow each other, the present one, which is equal to no other. It
   * is asked before each round of messages, and the whole round goes to it, even if it ends
   * meanwhile: a round that its successor got the rest of would be out of order. What a former
   * receiver has not answered is delivered again to the present one, before anything new. Any
   * thread; must not block.
   */
  default Endpoint receiver(EndpointAddress address) {
    return this;
  }

  /**
   * Delivers one message. Called in order for one address, without waiting for the former answer as
   * long as the window of the address allows. Must not block.
   *
   * @return completes with what became of the message, on any thread; never fails (a stage that
   *     fails counts as {@link Delivery.Retry})
   */
  CompletionStage<Delivery> deliver(EndpointAddress address, RoutedMessage message);
}
