package io.gantry.itest.flow.mixed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.api.message.Message;
import io.gantry.api.message.SystemProperty;
import io.gantry.api.module.MessageHandler;
import io.gantry.api.module.ModuleClient;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * A module in the gateway's JVM that writes down what it gets before it answers, and that breaks
 * down now and then. What it has written a kill of the process does not take back; a line that a
 * kill tears has no end, and its message was not answered.
 */
public final class SinkModule implements MessageHandler {

  /** Its name in the manifest. */
  public static final String NAME = "sink";

  /** The input it takes. */
  public static final String INPUT = "in";

  /** What it got, see {@link SinkJournal}. */
  static final String JOURNAL = "journal";

  /** When this file is there it breaks down no more. */
  static final String CALM = "calm";

  /** How one field ends, and how a line does. */
  static final String FIELD = "\t";

  static final String END = ";";

  private static final long BREAKDOWN_NANOS = TimeUnit.MILLISECONDS.toNanos(1_700);

  private final Path folder;
  private final OutputStream journal;

  // Used by the input's thread, one call at a time.
  private long lastBreakdown = System.nanoTime();
  private int refusals;

  /** Begins a new line: the last one may be torn. */
  public SinkModule(ModuleClient client) throws IOException {
    folder = client.storage();
    journal =
        Files.newOutputStream(
            folder.resolve(JOURNAL), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    journal.write('\n');
  }

  @Override
  public void onMessage(Message message) throws IOException {
    String number = message.property("number").orElse("");
    breakDown(number);
    String line =
        String.join(
            FIELD,
            message.systemProperty(SystemProperty.CONNECTION_DEVICE_ID).orElse(""),
            message.property("sender").orElse(""),
            number,
            message.property("kind").orElse(""),
            message.body().asText(),
            END);
    journal.write((line + "\n").getBytes(UTF_8));
  }

  /** Each refusal costs a pause of a second or more: not too often, for some messages twice. */
  private void breakDown(String number) {
    long now = System.nanoTime();
    boolean due = refusals == 0 && now - lastBreakdown > BREAKDOWN_NANOS;
    if (due && !Files.exists(folder.resolve(CALM))) {
      refusals = 1 + Math.floorMod(number.hashCode(), 2);
    }
    if (refusals > 0) {
      refusals--;
      lastBreakdown = now;
      throw new IllegalStateException("the sink is blocked");
    }
  }

  /** Closes the journal. */
  public void stop() throws IOException {
    journal.close();
  }
}
