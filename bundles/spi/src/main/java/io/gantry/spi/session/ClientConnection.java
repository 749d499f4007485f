package io.gantry.spi.session;

import io.gantry.api.message.Message;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** One connected client as the hub sees it; speaks only as the identity it was opened for. */
@ProviderType
public interface ClientConnection {

  /**
   * Telemetry of the client.
   *
   * @param output the module output; empty for devices and for modules that name none
   * @return completes when the message is stored or refused, on the store's writer thread, which
   *     must not be blocked; never fails. Stages of accepted messages complete in the order of the
   *     calls of one thread; those of refused ones and of messages that no route matches may
   *     complete at once
   */
  CompletionStage<SendResult> send(Optional<String> output, Message message);

  /**
   * The client wants the messages of all its inputs from now on (modules only; devices have no
   * inputs and are refused).
   */
  void subscribeInputs();

  /** The client wants no more messages of its inputs; what was handed over stays to be answered. */
  void unsubscribeInputs();

  /** The client is gone. What it has not answered is delivered again later. Idempotent. */
  void close();
}
