package io.gantry.mqtt.broker;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What makes publishers wait: something for a subscriber that has become too much. Used on the
 * event loop only.
 */
abstract class Holder {

  /** Who is told to wait. */
  interface Publisher {
    /** No more messages until {@link #released}. */
    void held(Holder by);

    /** There is room again. */
    void released(Holder by);
  }

  private final Set<Publisher> held = new LinkedHashSet<>();

  /** Lets a publisher wait, once. */
  final void hold(@Nullable Publisher publisher) {
    if (publisher != null && held.add(publisher)) {
      publisher.held(this);
    }
  }

  /** There is room again for all. */
  final void release() {
    if (held.isEmpty()) {
      return;
    }
    List<Publisher> all = List.copyOf(held);
    held.clear();
    all.forEach(publisher -> publisher.released(this));
  }

  /** A publisher is gone. */
  final void forget(Publisher publisher) {
    held.remove(publisher);
  }
}
