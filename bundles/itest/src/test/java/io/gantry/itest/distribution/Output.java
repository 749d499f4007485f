package io.gantry.itest.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.itest.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** The lines that a process has printed so far, read by a thread so that it never has to wait. */
public final class Output implements AutoCloseable {

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Runnable end;
  private final Thread reader;

  /** Of a command that goes on; closing ends it. */
  Output(Process process, String name) {
    this(process.getInputStream(), name, process::destroyForcibly);
  }

  Output(InputStream stream, String name) {
    this(stream, name, () -> {});
  }

  private Output(InputStream stream, String name, Runnable end) {
    this.end = end;
    reader = new Thread(() -> read(stream), name);
    reader.setDaemon(true);
    reader.start();
  }

  private void read(InputStream stream) {
    try (BufferedReader in = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      // The process was killed: what came before is what there is.
      lines.add("(" + e.getMessage() + ")");
    }
  }

  /** Waits for the end of the stream, which comes with the end of the process. */
  void awaitEnd(Duration limit) {
    Await.until("end of " + reader.getName(), limit, () -> !reader.isAlive(), this::text);
  }

  /** What was printed so far. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** What was printed so far. */
  public String text() {
    return String.join("\n", lines);
  }

  /** Waits for a line. */
  public String await(String what, Duration limit, Predicate<String> line) {
    Await.until(what, limit, () -> lines.stream().anyMatch(line), this::text);
    return lines.stream().filter(line).findFirst().orElseThrow();
  }

  @Override
  public void close() {
    end.run();
  }
}
