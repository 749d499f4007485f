package io.gantry.routing.dispatch;

import io.gantry.spi.routing.RoutedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The last messages that passed, for whoever wonders why a route does not fire. Small ones only: it
 * never holds more than a mebibyte. Safe for use by any number of threads.
 */
final class Recent {

  private static final int SIZE = 64;
  private static final int LARGEST = 16 * 1024;

  private final AtomicReferenceArray<RoutedMessage> ring = new AtomicReferenceArray<>(SIZE);
  private final AtomicInteger next = new AtomicInteger();

  void note(RoutedMessage message) {
    if (message.message().body().size() <= LARGEST) {
      ring.lazySet(next.getAndIncrement() & SIZE - 1, message);
    }
  }

  /** At most so many, the newest first. */
  List<RoutedMessage> last(int most) {
    List<RoutedMessage> found = new ArrayList<>();
    int newest = next.get() - 1;
    for (int i = 0; i < Math.min(most, SIZE); i++) {
      RoutedMessage message = ring.get(newest - i & SIZE - 1);
      if (message != null) {
        found.add(message);
      }
    }
    return found;
  }
}
