package io.gantry.sample.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.MessageRejectedException;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.ModuleClient;
import io.gantry.api.module.Twin;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class FilterComponentTest {

  private final Outputs outputs = new Outputs();
  private CompletionStage<Twin> twin = new CompletableFuture<>();
  private DesiredThreshold desired;

  private FilterComponent filter(Map<String, Object> settings) {
    desired = new DesiredThreshold(outputs);
    return new FilterComponent(outputs, desired, settings);
  }

  private int passed(FilterComponent filter, double temperature) throws Exception {
    int before = outputs.messages.size();
    filter.onMessage(Message.json("{\"temperature\":" + temperature + "}"));
    return outputs.messages.size() - before;
  }

  private static Twin twin(String desired, long version) {
    return new Twin(desired, version, "{}", 1);
  }

  @Test
  void theTwinChangesTheThresholdWhileItRunsAndIsToldSo() throws Exception {
    FilterComponent filter = filter(Map.of("threshold", 40L));
    assertEquals(0, passed(filter, 30));
    desired.onDesired(new DesiredChange("{\"TemperatureThreshold\":20}", 2));
    assertEquals(1, passed(filter, 30));
    desired.onDesired(new DesiredChange("{\"another\":1}", 3));
    assertEquals(1, passed(filter, 30));
    desired.onDesired(new DesiredChange("{\"TemperatureThreshold\":null}", 4));
    assertEquals(0, passed(filter, 30));
    assertEquals(
        List.of("{\"TemperatureThreshold\":20.0}", "{\"TemperatureThreshold\":null}"),
        outputs.reports);
  }

  /** A listener is told only what has changed since the module was told last. */
  @Test
  void theThresholdIsAskedForAtTheStart() throws Exception {
    twin = CompletableFuture.completedFuture(twin("{\"TemperatureThreshold\":20}", 7));
    assertEquals(1, passed(filter(Map.of("threshold", 40L)), 30));
    assertEquals(List.of("{\"TemperatureThreshold\":20.0}"), outputs.reports);
  }

  @Test
  void anAnswerThatIsOlderThanAChangeIsForgotten() throws Exception {
    CompletableFuture<Twin> answer = new CompletableFuture<>();
    twin = answer;
    FilterComponent filter = filter(Map.of());
    desired.onDesired(new DesiredChange("{\"TemperatureThreshold\":50}", 8));
    answer.complete(twin("{\"TemperatureThreshold\":20}", 7));
    assertEquals(0, passed(filter, 30));
    assertEquals(List.of("{\"TemperatureThreshold\":50.0}"), outputs.reports);
  }

  /** What it throws is logged by the runtime, and the change comes again. */
  @Test
  void aThresholdThatIsNoNumberChangesNothing() throws Exception {
    FilterComponent filter = filter(Map.of("threshold", 40L));
    assertThrows(
        NumberFormatException.class,
        () -> desired.onDesired(new DesiredChange("{\"TemperatureThreshold\":\"warm\"}", 2)));
    assertEquals(0, passed(filter, 30));
    assertEquals(List.of(), outputs.reports);
    desired.onDesired(new DesiredChange("{\"TemperatureThreshold\":20}", 3));
    assertEquals(1, passed(filter, 30));
  }

  @Test
  void onlyWhatIsAboveTheThresholdPassesAndIsMarked() throws Exception {
    FilterComponent filter = filter(Map.of());
    filter.onMessage(Message.json("{\"machine\":{\"temperature\":25.0}}"));
    filter.onMessage(Message.json("{\"temperature\":25.1}").withProperty("p", "q"));
    filter.onMessage(Message.json("{\"machine\":{\"temperature\":99},\"temperature\":1}"));
    filter.onMessage(Message.json("{\"humidity\":99}"));
    filter.onMessage(Message.json("[99]"));
    assertEquals(List.of("output1", "output1"), outputs.names);
    Message first = outputs.messages.get(0);
    assertEquals(Optional.of("Alert"), first.property("MessageType"));
    assertEquals(Optional.of("q"), first.property("p"));
    assertEquals("{\"temperature\":25.1}", first.body().asText());
  }

  @Test
  void theConfigurationGoesBeforeTheEnvironment() throws Exception {
    Message warm = Message.json("{\"temperature\":50}");
    filter(Map.of("TemperatureThreshold", "60")).onMessage(warm);
    assertEquals(0, outputs.messages.size());
    filter(Map.of("TemperatureThreshold", "60", "threshold", 40L)).onMessage(warm);
    assertEquals(1, outputs.messages.size());
  }

  /** Else a message would be lost when the power fails between taking and sending. */
  @Test
  void theAnswerWaitsForTheSending() throws Exception {
    outputs.stored = new CompletableFuture<>();
    CompletionStage<?> answer = filter(Map.of()).onMessage(Message.json("{\"temperature\":50}"));
    assertFalse(answer.toCompletableFuture().isDone());
    outputs.stored.complete(null);
    assertTrue(answer.toCompletableFuture().isDone());
  }

  @Test
  void whatIsNoJsonIsRejectedForGood() {
    FilterComponent filter = filter(Map.of());
    for (String body : List.of("{\"temperature\":", "{\"temperature\":\"warm\"}")) {
      assertThrows(
          MessageRejectedException.class, () -> filter.onMessage(Message.json(body)), body);
    }
  }

  private final class Outputs implements ModuleClient {

    private final List<String> names = new ArrayList<>();
    private final List<Message> messages = new ArrayList<>();
    private final List<String> reports = new ArrayList<>();
    private CompletableFuture<Void> stored = CompletableFuture.completedFuture(null);

    @Override
    public String moduleId() {
      return "filter";
    }

    @Override
    public CompletionStage<Void> send(String output, Message message) {
      names.add(output);
      messages.add(message);
      return stored;
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
      throw new UnsupportedOperationException("a filter calls nobody");
    }

    @Override
    public Path storage() {
      throw new UnsupportedOperationException("a filter keeps nothing");
    }
  }
}
