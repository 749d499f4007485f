package io.gantry.spi.session;

import io.gantry.api.message.Message;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Cloud-to-device messages from the side of the back end (IoT Hub, "Send cloud-to-device
 * messages"). Safe for use by any number of threads.
 */
@ProviderType
public interface DeviceMessages {

  /** Largest message: body, names and values of all properties. */
  int MAX_SIZE = 64 * 1024;

  /**
   * Sends a message to a device, which waits for it to connect. A message that the device has not
   * taken after ten deliveries is a dead letter.
   *
   * @param expiry from when on it is worth nothing; empty for an hour from now
   * @return completes when it is stored, or refused ({@link SendResult.Reason#INVALID} for a device
   *     that is unknown or has too much waiting); never fails
   */
  CompletionStage<SendResult> send(String deviceId, Message message, Optional<Instant> expiry);
}
