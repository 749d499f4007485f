package io.gantry.itest.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.itest.distribution.Reports.Event;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The numbers of the thermometer's messages that reached {@code $upstream}, as they came.
 *
 * @param numbers with duplicates
 */
record Alerts(List<Integer> numbers) {

  private static final int THRESHOLD = 25;

  /** Reads them; each has to say where it came from and what the filter made of it. */
  static Alerts of(List<Event> events) {
    List<Integer> numbers = new ArrayList<>();
    for (Event event : events) {
      assertEquals(Thermometer.ID, event.system("connectionDeviceId"), () -> "" + event);
      assertEquals("filter", event.system("connectionModuleId"), () -> "" + event);
      assertEquals("Alert", event.property("MessageType"), () -> "" + event);
      numbers.add(event.body().get("number").getAsInt());
    }
    return new Alerts(numbers);
  }

  /** What shall come of so many messages: those that the filter lets pass. */
  static List<Integer> expected(int sent) {
    return IntStream.range(0, sent)
        .filter(number -> Thermometer.temperature(number) > THRESHOLD)
        .boxed()
        .toList();
  }

  /** Each once, where it came first. */
  List<Integer> firsts() {
    Set<Integer> firsts = new LinkedHashSet<>(numbers);
    return List.copyOf(firsts);
  }

  /** How many came more than once. */
  int duplicates() {
    return numbers.size() - firsts().size();
  }
}
