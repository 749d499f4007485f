package io.gantry.mqtt.broker;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** Who is connected, bounded in number and for each address. Used on the event loop only. */
final class Crowd {

  private final int most;
  private final int mostPerAddress;
  private final Drops drops;
  private final Map<InetAddress, Integer> perAddress = new HashMap<>();
  private int all;

  Crowd(int most, int mostPerAddress, Drops drops) {
    this.most = most;
    this.mostPerAddress = mostPerAddress;
    this.drops = drops;
  }

  /** Lets a connection in until it ends, or does not because there are too many. */
  boolean admit(Channel channel) {
    InetAddress address = Peer.address(channel);
    int ofAddress = perAddress.getOrDefault(address, 0);
    if (all >= most || ofAddress >= mostPerAddress) {
      drops.dropped(
          DropReason.REFUSED,
          address.getHostAddress(),
          all >= most
              ? "connection: there are " + all + " already"
              : "connection: there are " + ofAddress + " from this address already");
      return false;
    }
    all++;
    perAddress.put(address, ofAddress + 1);
    channel.closeFuture().addListener(closed -> left(address));
    return true;
  }

  private void left(InetAddress address) {
    all--;
    perAddress.computeIfPresent(address, (key, count) -> count > 1 ? count - 1 : null);
  }
}
