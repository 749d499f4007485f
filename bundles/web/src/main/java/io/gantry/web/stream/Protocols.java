package io.gantry.web.stream;

import io.gantry.api.module.RequestException;
import io.gantry.spi.session.StreamProtocol;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** What can be spoken in a WebSocket now. Protocols come and go. Any thread. */
public final class Protocols {

  /** What IoT Hub speaks: where nobody does so here, that may change. */
  private static final Set<String> KNOWN = Set.of("mqtt", "amqpwsb10");

  /**
   * What a client and we have agreed on.
   *
   * @param subprotocol as the client writes it
   */
  public record Choice(String subprotocol, StreamProtocol protocol) {}

  private final List<StreamProtocol> protocols = new CopyOnWriteArrayList<>();

  /** Has come. */
  public void add(StreamProtocol protocol) {
    protocols.add(protocol);
  }

  /** Has gone. */
  public void remove(StreamProtocol protocol) {
    protocols.remove(protocol);
  }

  /**
   * Chooses.
   *
   * @param offered by the client, what it likes best first
   */
  public Choice choose(List<String> offered) throws RequestException {
    for (String name : offered) {
      Optional<StreamProtocol> spoken =
          protocols.stream()
              .filter(protocol -> protocol.subprotocol().equalsIgnoreCase(name))
              .findFirst();
      if (spoken.isPresent()) {
        return new Choice(name, spoken.get());
      }
    }
    if (offered.stream().anyMatch(name -> KNOWN.contains(name.toLowerCase(Locale.ROOT)))) {
      throw new RequestException(503, "this protocol is not spoken here now; try again later");
    }
    throw new RequestException(
        400, "Sec-WebSocket-Protocol: expected mqtt or AMQPWSB10, found none of them");
  }
}
