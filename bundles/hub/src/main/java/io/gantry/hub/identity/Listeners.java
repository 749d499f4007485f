package io.gantry.hub.identity;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.identity.Identity;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is told of identities; one that fails does not keep it from the others. */
final class Listeners {

  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final String event;
  private final List<Consumer<Identity>> listeners = new CopyOnWriteArrayList<>();

  /**
   * @param event what has happened, for the log
   */
  Listeners(String event) {
    this.event = event;
  }

  Cancellable add(Consumer<Identity> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  void tell(Identity identity) {
    for (Consumer<Identity> listener : listeners) {
      try {
        listener.accept(identity);
      } catch (RuntimeException problem) {
        LOG.error("{} is {}, and somebody who was told so failed", identity, event, problem);
      }
    }
  }
}
