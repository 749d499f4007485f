package io.gantry.sample.filter;

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
 * The threshold that the module's twin asks for: the desired property {@code TemperatureThreshold},
 * which changes while the filter runs and is reported back. It is asked for at the start, because a
 * listener is told what has changed, and this one keeps nothing.
 */
@Component(service = {DesiredThreshold.class, DesiredListener.class})
public final class DesiredThreshold implements DesiredListener {

  private static final Logger LOG = LoggerFactory.getLogger(DesiredThreshold.class);
  private static final String PROPERTY = "TemperatureThreshold";

  private record State(long version, @Nullable Double threshold) {}

  private final ModuleClient client;
  private final AtomicReference<State> state = new AtomicReference<>(new State(0, null));
  private volatile boolean stopped;

  @Activate
  public DesiredThreshold(@Reference ModuleClient client) {
    this.client = client;
    ask();
  }

  @Deactivate
  void stop() {
    stopped = true;
  }

  /** The threshold that is desired, or else this one. */
  double orElse(double configured) {
    Double desired = state.get().threshold;
    return desired == null ? configured : desired;
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
    LOG.warn("The desired threshold is not known; asking again in 10 s: {}", failure.getMessage());
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
    Double threshold = desired.isJsonNull() ? null : Double.valueOf(desired.getAsDouble());
    State next = new State(change.version(), threshold);
    if (state.updateAndGet(last -> last.version < next.version ? next : last) == next) {
      client
          .report("{\"" + PROPERTY + "\":" + threshold + "}")
          .exceptionally(
              failure -> {
                LOG.warn("The threshold {} was not reported", threshold, failure);
                return null;
              });
    }
  }
}
