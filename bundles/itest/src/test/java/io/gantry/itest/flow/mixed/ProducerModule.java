package io.gantry.itest.flow.mixed;

import io.gantry.api.message.Message;
import io.gantry.api.module.ModuleClient;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A module in the gateway's JVM that sends by itself, one message after the other. It goes on with
 * the first one that was not acknowledged, whatever ended it: its file {@code acknowledged} grows
 * by a byte for each acknowledgement, which no kill of the process can tear or take back.
 */
public final class ProducerModule {

  /** Its name in the manifest and as a sender. */
  public static final String NAME = "producer";

  /** The output it sends on. */
  static final String OUTPUT = "out";

  /** Grows by a byte for each acknowledgement. */
  static final String ACKNOWLEDGED = "acknowledged";

  /** When this file is there it sends no more. */
  static final String STOP = "stop";

  /** Says that nothing is on its way any more. */
  static final String STOPPED = "stopped";

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
  private static final long END_MILLIS = TimeUnit.SECONDS.toMillis(5);

  private final ModuleClient client;
  private final Path folder;
  private final Thread thread = new Thread(this::run, NAME);
  private volatile boolean closed;

  /** Begins to send. */
  public ProducerModule(ModuleClient client) {
    this.client = client;
    this.folder = client.storage();
    thread.start();
  }

  private void run() {
    Path acknowledged = folder.resolve(ACKNOWLEDGED);
    try (OutputStream out =
        Files.newOutputStream(acknowledged, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      int number = (int) Files.size(acknowledged);
      while (!closed && !Files.exists(folder.resolve(STOP))) {
        if (send(number)) {
          out.write('.');
          number++;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      if (!closed) {
        Files.write(folder.resolve(STOPPED), new byte[0]);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean send(int number) {
    Item item = new Item(NAME, number);
    Message message = Message.json(item.body());
    for (Map.Entry<String, String> property : item.properties().entrySet()) {
      message = message.withProperty(property.getKey(), property.getValue());
    }
    try {
      client.send(OUTPUT, message).toCompletableFuture().get();
      return true;
    } catch (ExecutionException refused) {
      // The hub is not there yet, or this module ends: the same one again.
      return false;
    } catch (InterruptedException ended) {
      return false;
    }
  }

  /** Ends; another generation may send before the last message is answered, but never meanwhile. */
  public void stop() throws InterruptedException {
    closed = true;
    thread.interrupt();
    thread.join(END_MILLIS);
  }
}
