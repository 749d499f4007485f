package io.gantry.sample.sensor;

import io.gantry.api.message.Message;
import io.gantry.api.module.Method;
import io.gantry.api.module.MethodHandler;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.ModuleClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a reading on {@code temperatureOutput} every {@code MessageDelay} (seconds, or {@code
 * hh:mm:ss}), {@code MessageCount} times or, when that is negative, for ever: the simulated sensor
 * that users of IoT Edge know, with the names of its environment variables. The next reading is
 * made after the last one was stored, so that a full store slows the sensor down. The twin may set
 * another delay, see {@link SendInterval}; the direct method {@code reset} lets the machine be cold
 * again.
 */
@Component(configurationPid = "io.gantry.module", immediate = true)
@Method("reset")
public final class SensorComponent implements MethodHandler {

  private static final Logger LOG = LoggerFactory.getLogger(SensorComponent.class);
  private static final String OUTPUT = "temperatureOutput";

  private final ModuleClient client;
  private final SendInterval interval;
  private final Simulation simulation;
  private final long delayMillis;
  private final long count;
  private final String batch = UUID.randomUUID().toString();
  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();

  @Activate
  public SensorComponent(
      @Reference ModuleClient client,
      @Reference SendInterval interval,
      Map<String, Object> settings) {
    this.client = client;
    this.interval = interval;
    this.simulation = new Simulation(settings, new Random());
    this.delayMillis = delay(settings.getOrDefault("MessageDelay", "5").toString()).toMillis();
    this.count = Long.parseLong(settings.getOrDefault("MessageCount", "500").toString());
    executor.execute(() -> send(1));
  }

  @Deactivate
  void stop() throws InterruptedException {
    executor.shutdownNow();
    executor.awaitTermination(5, TimeUnit.SECONDS);
  }

  @Override
  public MethodResponse onMethod(MethodRequest request) {
    executor.execute(simulation::reset);
    return new MethodResponse(200, "null");
  }

  private void send(long number) {
    if (count >= 0 && number > count) {
      LOG.info("{} messages sent, that is all", count);
      return;
    }
    Message message =
        Message.json(simulation.next(Instant.now()))
            .withProperty("sequenceNumber", Long.toString(number))
            .withProperty("batchId", batch);
    client.send(OUTPUT, message).whenComplete((stored, failure) -> sent(number, failure));
  }

  private void sent(long number, @Nullable Throwable failure) {
    if (failure != null) {
      LOG.warn("message {} was not accepted: {}", number, failure.getMessage());
    }
    long next = failure == null ? number + 1 : number;
    try {
      executor.schedule(
          () -> send(next), interval.millisOrElse(delayMillis), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException stopped) {
      LOG.debug("stopped after message {}", number);
    }
  }

  static Duration delay(String text) {
    double seconds = 0;
    for (String part : text.split(":")) {
      seconds = seconds * 60 + Double.parseDouble(part);
    }
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
