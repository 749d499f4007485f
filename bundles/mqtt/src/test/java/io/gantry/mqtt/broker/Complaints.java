package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What threads die of, and what is logged with an exception, while a test runs. */
final class Complaints {

  private final List<String> found = new CopyOnWriteArrayList<>();
  private final PrintStream errors = System.err;
  private final Thread.UncaughtExceptionHandler handler =
      Thread.getDefaultUncaughtExceptionHandler();

  void listen() {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> found.add(thread.getName() + " died of " + failure));
    System.setErr(new PrintStream(new Lines(), true, UTF_8));
  }

  /** What was found; nobody listens any longer. */
  List<String> end() {
    System.setErr(errors);
    Thread.setDefaultUncaughtExceptionHandler(handler);
    return List.copyOf(found);
  }

  private final class Lines extends ByteArrayOutputStream {

    @Override
    public synchronized void flush() {
      String text = toString(UTF_8);
      reset();
      errors.print(text);
      text.lines()
          .filter(line -> line.contains("Exception") || line.contains(" ERROR "))
          .filter(line -> found.size() < 20)
          .forEach(found::add);
    }
  }
}
