package io.gantry.spi.session;

import io.gantry.api.message.Message;
import io.gantry.spi.routing.Delivery;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** The hub speaks to a connected client; implemented by the protocol heads. Must not block. */
@ConsumerType
public interface ClientSession {

  /**
   * Delivers a message to an input of the client. Called in order for one input.
   *
   * @return completes when the client has answered; {@link Delivery.Absent} when the connection
   *     ended first. Never fails
   */
  CompletionStage<Delivery> deliver(String input, Message message);

  /** The hub ends the connection. */
  void close(CloseReason reason);
}
