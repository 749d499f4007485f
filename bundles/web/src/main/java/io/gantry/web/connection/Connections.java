package io.gantry.web.connection;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts who is connected, all together and by address, and says whether one more may come. Used on
 * the event loop only, but for {@link #size}.
 */
public final class Connections {

  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

  private final int max;
  private final int maxPerAddress;
  private final Map<InetAddress, Integer> byAddress = new HashMap<>();
  private volatile int size;
  private long refused;

  public Connections(int max, int maxPerAddress) {
    this.max = max;
    this.maxPerAddress = maxPerAddress;
  }

  /** Counts one more unless that is too many; whoever was counted must {@link #leave}. */
  public boolean admit(InetAddress address) {
    int same = byAddress.getOrDefault(address, 0);
    if (size >= max || same >= maxPerAddress) {
      refused(address, same);
      return false;
    }
    byAddress.put(address, same + 1);
    size = size + 1;
    return true;
  }

  /** One line for each power of two: whoever is refused comes again at once. */
  private void refused(InetAddress address, int same) {
    refused++;
    if (Long.bitCount(refused) == 1) {
      LOG.warn(
          "HTTPS: connection of {} refused: {} of at most {} are open, {} of at most {} from this"
              + " address; {} refused so far",
          address.getHostAddress(),
          size,
          max,
          same,
          maxPerAddress,
          refused);
    }
  }

  /** One less. */
  public void leave(InetAddress address) {
    byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    size = size - 1;
  }

  /** How many there are. Any thread. */
  public int size() {
    return size;
  }
}
