package io.gantry.sample.sensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.ModuleClient;
import io.gantry.api.module.SendException;
import io.gantry.api.module.Twin;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SensorComponentTest {

  private static final Pattern READING =
      Pattern.compile(
          "\\{\"machine\":\\{\"temperature\":([\\d.]+),\"pressure\":([\\d.]+)},"
              + "\"ambient\":\\{\"temperature\":([\\d.]+),\"humidity\":(\\d+)},"
              + "\"timeCreated\":\"2026-01-01T00:00:00Z\"}");

  private static final Pattern TEMPERATURE =
      Pattern.compile("\\{\"machine\":\\{\"temperature\":([\\d.]+)");

  private final Outputs outputs = new Outputs();
  private CompletionStage<Twin> twin = new CompletableFuture<>();
  private SendInterval interval;

  private SensorComponent sensor(Map<String, Object> settings) {
    interval = new SendInterval(outputs);
    return new SensorComponent(outputs, interval, settings);
  }

  @Test
  @Timeout(120)
  void theMethodResetLetsTheMachineBeColdAgain() throws Exception {
    outputs.hold = true;
    SensorComponent sensor = sensor(Map.of("MessageDelay", "0", "MessageCount", "-1"));
    for (int i = 0; i < 100; i++) {
      outputs.stored.take().complete(null);
    }
    CompletableFuture<Void> warm = outputs.stored.take();
    assertEquals(
        new MethodResponse(200, "null"), sensor.onMethod(new MethodRequest("reset", "null")));
    outputs.messages.clear();
    warm.complete(null);
    outputs.stored.take();
    Matcher reading = TEMPERATURE.matcher(outputs.messages.take().body().asText());
    assertTrue(reading.find());
    assertEquals(21, Double.parseDouble(reading.group(1)), 1.5);
    sensor.stop();
  }

  @Test
  void theTwinSetsTheIntervalAndIsToldSo() {
    twin = CompletableFuture.completedFuture(new Twin("{\"SendInterval\":0.5}", 7, "{}", 1));
    SendInterval asked = new SendInterval(outputs);
    assertEquals(500, asked.millisOrElse(5000));
    asked.onDesired(new DesiredChange("{\"SendInterval\":2}", 8));
    asked.onDesired(new DesiredChange("{\"another\":2}", 9));
    assertEquals(2000, asked.millisOrElse(5000));
    assertThrows(
        IllegalArgumentException.class,
        () -> asked.onDesired(new DesiredChange("{\"SendInterval\":-1}", 10)));
    assertEquals(2000, asked.millisOrElse(5000));
    asked.onDesired(new DesiredChange("{\"SendInterval\":null}", 11));
    assertEquals(5000, asked.millisOrElse(5000));
    assertEquals(
        List.of("{\"SendInterval\":0.5}", "{\"SendInterval\":2.0}", "{\"SendInterval\":null}"),
        outputs.reports);
  }

  @Test
  void theMachineWarmsUpAndTheRoomStaysAsItIs() {
    Simulation simulation = new Simulation(Map.of(), new Random(1));
    double temperature = 0;
    for (int i = 0; i < 1000; i++) {
      Matcher reading = READING.matcher(simulation.next(Instant.parse("2026-01-01T00:00:00Z")));
      assertTrue(reading.matches());
      temperature = Double.parseDouble(reading.group(1));
      assertTrue(temperature > 20 && temperature < 115, reading.group());
      assertEquals(1 + (temperature - 21) * 9 / 79, Double.parseDouble(reading.group(2)), 0.001);
      assertEquals(21, Double.parseDouble(reading.group(3)), 0.5);
      assertEquals(25.5, Double.parseDouble(reading.group(4)), 1.5);
    }
    assertTrue(temperature > 90, "it is hot in the end: " + temperature);
  }

  @Test
  void itSendsAsManyMessagesAsAskedForAndRepeatsWhatWasNotAccepted() throws Exception {
    outputs.refuseNext = true;
    SensorComponent sensor = sensor(Map.of("MessageDelay", "0.001", "MessageCount", "3"));
    for (String number : new String[] {"1", "1", "2", "3"}) {
      Message message = outputs.messages.poll(60, TimeUnit.SECONDS);
      assertNotNull(message);
      assertEquals(Optional.of(number), message.property("sequenceNumber"));
    }
    sensor.stop();
    assertTrue(outputs.messages.isEmpty());
  }

  @Test
  void afterTheStopNothingIsSent() throws Exception {
    SensorComponent sensor = sensor(Map.of("MessageDelay", "0", "MessageCount", "-1"));
    assertNotNull(outputs.messages.poll(60, TimeUnit.SECONDS));
    sensor.stop();
    outputs.messages.clear();
    assertEquals(null, outputs.messages.poll(50, TimeUnit.MILLISECONDS));
  }

  @Test
  void theDelayIsSecondsOrATimeSpan() {
    assertEquals(Duration.ofSeconds(5), SensorComponent.delay("5"));
    assertEquals(Duration.ofMillis(500), SensorComponent.delay("0.5"));
    assertEquals(Duration.ofSeconds(3725), SensorComponent.delay("01:02:05"));
  }

  private final class Outputs implements ModuleClient {

    private final LinkedBlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<CompletableFuture<Void>> stored = new LinkedBlockingQueue<>();
    private final List<String> reports = new ArrayList<>();
    private volatile boolean refuseNext;
    private volatile boolean hold;

    @Override
    public String moduleId() {
      return "sensor";
    }

    @Override
    public CompletionStage<Void> send(String output, Message message) {
      assertEquals("temperatureOutput", output);
      messages.add(message);
      if (refuseNext) {
        refuseNext = false;
        return CompletableFuture.failedFuture(new SendException("the store is full", true));
      }
      CompletableFuture<Void> stage = new CompletableFuture<>();
      if (hold) {
        stored.add(stage);
      } else {
        stage.complete(null);
      }
      return stage;
    }

    @Override
    public CompletionStage<Twin> twin() {
      return twin;
    }

    @Override
    public CompletionStage<Long> report(String patch) {
      reports.add(patch);
      return CompletableFuture.completedFuture(1L + reports.size());
    }

    @Override
    public CompletionStage<MethodResponse> invoke(
        String target, MethodRequest request, Duration timeout) {
      throw new UnsupportedOperationException("a sensor calls nobody");
    }

    @Override
    public Path storage() {
      throw new UnsupportedOperationException("a sensor keeps nothing");
    }
  }
}
