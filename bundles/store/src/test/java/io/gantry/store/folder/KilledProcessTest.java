package io.gantry.store.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.store.file.FileDisk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real process on real files, killed in the middle of its work. */
class KilledProcessTest {

  private static final int ROUNDS = 10;

  @TempDir Path temporary;

  /** Numbers and the offsets by which they were acknowledged, over all rounds. */
  private final Map<Integer, Long> acknowledged = new TreeMap<>();

  private int next;

  @Test
  @Timeout(120)
  void whatWasAcknowledgedIsThereAfterEachKill() throws Exception {
    Random random = new Random(17);
    Path directory = temporary.resolve("store");
    for (int round = 0; round < ROUNDS; round++) {
      runAndKill(directory, 1 + random.nextInt(3_000));
      try (TestFolder folder = TestFolder.open(new FileDisk(), Appender.settings(directory))) {
        compare(folder, round);
      }
    }
    assertTrue(acknowledged.size() > ROUNDS, "found " + acknowledged.size());
  }

  private void runAndKill(Path directory, int lines) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Appender.class.getName(),
                directory.toString(),
                String.valueOf(next))
            .redirectError(Redirect.INHERIT)
            .start();
    try (BufferedReader answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
      String line = answers.readLine();
      for (int i = 1; line != null; i++) {
        note(line);
        if (i == lines) {
          process.destroyForcibly();
        }
        line = read(answers);
      }
    } finally {
      process.destroyForcibly();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    }
  }

  /** The pipe of a killed process may also end by an exception. */
  private static String read(BufferedReader answers) {
    try {
      return answers.readLine();
    } catch (IOException closed) {
      return null;
    }
  }

  private void note(String line) {
    int space = line.indexOf(' ');
    acknowledged.put(
        Integer.parseInt(line.substring(0, space)), Long.parseLong(line.substring(space + 1)));
  }

  private void compare(TestFolder folder, int round) throws IOException {
    Map<String, Map<Integer, Long>> found = new HashMap<>();
    for (String queue : new String[] {"a", "b", "c"}) {
      found.put(queue, numbers(folder, queue));
    }
    acknowledged.forEach(
        (number, offset) -> {
          for (String queue : Appender.TARGETS.get(number % Appender.TARGETS.size())) {
            assertEquals(
                offset, found.get(queue).get(number), round + ": " + number + " in " + queue);
          }
        });
    assertEquals(0, folder.status().damagedRecords());
  }

  private Map<Integer, Long> numbers(TestFolder folder, String queue) throws IOException {
    Map<Integer, Long> numbers = new HashMap<>();
    int last = -1;
    for (Entry entry : TestFolder.waiting(folder.queue(queue))) {
      String text = TestFolder.text(entry.record());
      int number = Integer.parseInt(text.substring(0, text.indexOf(' ')));
      assertEquals(TestFolder.record(number, 20 + number % 900), text);
      assertTrue(number > last, "order in " + queue);
      assertTrue(Appender.TARGETS.get(number % Appender.TARGETS.size()).contains(queue));
      last = number;
      next = Math.max(next, number + 1);
      numbers.put(number, entry.offset());
    }
    return numbers;
  }
}
