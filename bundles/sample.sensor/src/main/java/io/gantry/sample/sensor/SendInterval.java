package io.gantry.sample.sensor;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.DesiredListener;
import io.gantry.api.module.ModuleClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The seconds between two readings that the module's twin asks for: the desired property {@code
 * SendInterval}, which counts from the next reading on and is reported back. It is asked for at the
 * start, because a listener is told what has changed, and this one keeps nothing.
 */
@Component(service = {SendInterval.class, DesiredListener.class})
public final class SendInterval implements DesiredListener {

  private static final Logger LOG = LoggerFactory.getLogger(SendInterval.class);
  private static final String PROPERTY = "SendInterval";

  private record State(long version, @Nullable Double seconds) {}

  private final ModuleClient client;
  private final AtomicReference<State> state = new AtomicReference<>(new State(0, null));
  private volatile boolean stopped;

  @Activate
  public SendInterval(@Reference ModuleClient client) {
    this.client = client;
    ask();
  }

  @Deactivate
  void stop() {
    stopped = true;
  }

  /** What is desired, or else this. */
  long millisOrElse(long configured) {
    Double desired = state.get().seconds;
    return desired == null ? configured : Math.round(desired * 1000);
  }

  private void ask() {
    if (!stopped) {
      client
          .twin()
          .thenAccept(twin -> onDesired(new DesiredChange(twin.desired(), twin.desiredVersion())))
          .exceptionally(this::askLater);
    }
  }

  private @Nullable Void askLater(Throwable failure) {
    LOG.warn("The desired interval is not known; asking again in 10 s: {}", failure.getMessage());
    CompletableFuture.delayedExecutor(10, TimeUnit.SECONDS).execute(this::ask);
    return null;
  }

  /** The answer to the question may be older than a change that came meanwhile. */
  @Override
  public void onDesired(DesiredChange change) {
    JsonElement desired = JsonParser.parseString(change.patch()).getAsJsonObject().get(PROPERTY);
    if (desired == null) {
      return;
    }
    Double seconds = desired.isJsonNull() ? null : Double.valueOf(desired.getAsDouble());
    if (seconds != null && !(seconds >= 0 && seconds <= 86_400)) {
      throw new IllegalArgumentException(PROPERTY + ": expected 0 to 86400 s, found " + seconds);
    }
    State next = new State(change.version(), seconds);
    if (state.updateAndGet(last -> last.version < next.version ? next : last) == next) {
      client
          .report("{\"" + PROPERTY + "\":" + seconds + "}")
          .exceptionally(
              failure -> {
                LOG.warn("The interval {} was not reported", seconds, failure);
                return null;
              });
    }
  }
}
