package io.gantry.sample.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.module.MessageRejectedException;
import io.gantry.api.module.ModuleClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class FilterComponentTest {

  private final Outputs outputs = new Outputs();

  @Test
  void onlyWhatIsAboveTheThresholdPassesAndIsMarked() throws Exception {
    FilterComponent filter = new FilterComponent(outputs, Map.of());
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
    new FilterComponent(outputs, Map.of("TemperatureThreshold", "60")).onMessage(warm);
    assertEquals(0, outputs.messages.size());
    new FilterComponent(outputs, Map.of("TemperatureThreshold", "60", "threshold", 40L))
        .onMessage(warm);
    assertEquals(1, outputs.messages.size());
  }

  /** Else a message would be lost when the power fails between taking and sending. */
  @Test
  void theAnswerWaitsForTheSending() throws Exception {
    outputs.stored = new CompletableFuture<>();
    CompletionStage<?> answer =
        new FilterComponent(outputs, Map.of()).onMessage(Message.json("{\"temperature\":50}"));
    assertFalse(answer.toCompletableFuture().isDone());
    outputs.stored.complete(null);
    assertTrue(answer.toCompletableFuture().isDone());
  }

  @Test
  void whatIsNoJsonIsRejectedForGood() {
    FilterComponent filter = new FilterComponent(outputs, Map.of());
    for (String body : List.of("{\"temperature\":", "{\"temperature\":\"warm\"}")) {
      assertThrows(
          MessageRejectedException.class, () -> filter.onMessage(Message.json(body)), body);
    }
  }

  private static final class Outputs implements ModuleClient {

    private final List<String> names = new ArrayList<>();
    private final List<Message> messages = new ArrayList<>();
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
    public Path storage() {
      throw new UnsupportedOperationException("a filter keeps nothing");
    }
  }
}
