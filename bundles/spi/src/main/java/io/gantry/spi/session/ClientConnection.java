package io.gantry.spi.session;

import io.gantry.api.message.Message;
import io.gantry.api.module.Twin;
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
   * The client wants this from now on: it gets what waits for it, and what comes. Again and again
   * does nothing more.
   *
   * @throws IllegalStateException for what this identity does not have (a device has no inputs)
   */
  void subscribe(Subscription subscription);

  /** The client wants it no more; what was handed over stays to be answered. */
  void unsubscribe(Subscription subscription);

  /** The client's own twin; fails with {@code RequestException}. */
  CompletionStage<Twin> twin();

  /**
   * Changes the client's reported properties.
   *
   * @param patch what the client sent, unchecked
   * @return completes with the new version when the change is durable; fails with {@code
   *     RequestException} (400 malformed or over a limit; nothing has changed)
   */
  CompletionStage<Long> report(String patch);

  /** The client is gone. What it has not answered is delivered again later. Idempotent. */
  void close();
}
