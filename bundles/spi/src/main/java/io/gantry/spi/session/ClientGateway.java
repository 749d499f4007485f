package io.gantry.spi.session;

import io.gantry.api.message.Message;
import io.gantry.spi.identity.Identity;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The hub's door: client to hub. A protocol head opens one connection for each client that logged
 * in; {@link ClientSession} is the way back. Safe for use by any number of threads.
 */
@ProviderType
public interface ClientGateway {

  /** Largest message: body, names and values of all properties (IoT Hub quotas, 256 KiB). */
  int MAX_MESSAGE_SIZE = 256 * 1024;

  /** The device id of this gateway; its modules are the ones that routes can name. */
  String deviceId();

  /** The name of the IoT hub that this gateway stands in for, as clients write it into tokens. */
  String hubName();

  /**
   * Opens the connection of a client that has proved who it is. A second connection of the same
   * identity replaces the first, whose session is closed with {@link CloseReason#REPLACED}.
   *
   * @throws ConnectionRefusedException when the hub does not let this identity in now
   */
  ClientConnection connect(Identity identity, ClientSession session)
      throws ConnectionRefusedException;

  /**
   * Whether some route looks at messages that are published on a topic of the local broker; others
   * need not be handed over. Cheap.
   */
  boolean wantsTopic(String topic);

  /**
   * A message that was published on a topic of the local broker, by a client or by a route. It
   * enters the routes as a message of this gateway.
   *
   * @param topic without wildcards, none of those that belong to the hub
   * @return completes as {@link ClientConnection#send} does
   */
  CompletionStage<SendResult> publish(String topic, Message message);
}
