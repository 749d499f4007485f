package io.gantry.bench.swap;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.module.ModuleClient;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A module that sends numbered messages of 256 bytes by the clock. */
public final class Sender {

  static final int BYTES = 256;

  private static final long TURN_NANOS = 500_000;
  private static final int MOST_UNDER_WAY = 20_000;

  private volatile boolean stopped;
  private @Nullable ModuleClient client;

  /** Its client, from Declarative Services. */
  public void bind(ModuleClient given) {
    client = given;
  }

  /** Begins. */
  public void start(Map<String, Object> settings) {
    Ledger ledger = Ledger.open(Path.of(settings.get("Ledger").toString()));
    ModuleClient sending = client;
    Thread thread = new Thread(() -> run(ledger, sending), "bench-sender");
    thread.setDaemon(true);
    thread.start();
  }

  /** Ends. */
  public void stop() {
    stopped = true;
  }

  private void run(Ledger ledger, ModuleClient sending) {
    long rate = 0;
    long first = 0;
    long since = 0;
    while (!stopped) {
      long wanted = ledger.rate();
      if (wanted != rate) {
        rate = wanted;
        first = ledger.sent();
        since = System.nanoTime();
      }
      long due = first + (long) ((System.nanoTime() - since) / 1e9 * rate);
      for (long number = ledger.sent();
          number < Math.min(due, Ledger.MOST) && ledger.underWay() < MOST_UNDER_WAY;
          number++) {
        send(ledger, sending, number);
      }
      LockSupport.parkNanos(TURN_NANOS);
    }
  }

  private static void send(Ledger ledger, ModuleClient sending, long number) {
    ledger.sending(number);
    byte[] body = ByteBuffer.allocate(BYTES).putLong(number).array();
    sending
        .send("out", Message.of(Payload.wrap(body)))
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                ledger.acknowledged();
              } else {
                ledger.refused(number);
              }
            });
  }
}
