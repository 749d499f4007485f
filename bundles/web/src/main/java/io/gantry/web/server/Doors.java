package io.gantry.web.server;

import io.gantry.spi.session.StreamProtocol;
import io.gantry.web.method.MethodDoor;
import io.gantry.web.stream.Protocols;
import io.gantry.web.stream.Stream;
import io.netty.channel.Channel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Where requests lead to. The streams are touched on the event loop only. */
final class Doors {

  private final MethodDoor methods;
  private final Protocols protocols;
  private final Set<Stream> streams = new HashSet<>();

  Doors(MethodDoor methods, Protocols protocols) {
    this.methods = methods;
    this.protocols = protocols;
  }

  MethodDoor methods() {
    return methods;
  }

  Protocols protocols() {
    return protocols;
  }

  /** A stream begins; it is known until its connection ends. */
  void opened(Stream stream, Channel channel) {
    streams.add(stream);
    channel.closeFuture().addListener(closed -> streams.remove(stream));
  }

  /** A protocol has gone: so must who speaks it. */
  void close(StreamProtocol protocol) {
    for (Stream stream : List.copyOf(streams)) {
      if (stream.protocol() == protocol) {
        stream.goAway();
      }
    }
  }

  /** The server goes. */
  void closeAll() {
    List.copyOf(streams).forEach(Stream::goAway);
  }
}
