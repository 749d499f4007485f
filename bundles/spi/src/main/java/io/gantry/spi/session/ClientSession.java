package io.gantry.spi.session;

import io.gantry.api.message.Message;
import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.spi.routing.Delivery;
import java.util.concurrent.CompletableFuture;
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

  /**
   * Delivers a cloud-to-device message, to a device that has subscribed to them. Called in order.
   *
   * @return as {@link #deliver}
   */
  default CompletionStage<Delivery> deliverFromCloud(Message message) {
    return CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
  }

  /**
   * Tells a client that has subscribed to it of a change of its desired properties. Called in order
   * of the versions.
   *
   * @return as {@link #deliver}: what was not accepted comes again as part of the next change, or
   *     after the next subscription
   */
  default CompletionStage<Delivery> desiredChanged(DesiredChange change) {
    return CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
  }

  /**
   * Calls a direct method of a client that has subscribed to them.
   *
   * @return completes with the client's answer; fails with {@code RequestException} when the
   *     connection ends first. The hub does not wait longer than the caller wants
   */
  default CompletionStage<MethodResponse> invoke(MethodRequest request) {
    return CompletableFuture.failedFuture(new RequestException(404, "it answers no methods"));
  }

  /** The hub ends the connection. */
  void close(CloseReason reason);
}
