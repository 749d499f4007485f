package io.gantry.bench.mqtt;

import com.google.gson.JsonElement;
import io.gantry.bench.process.Gateway;
import io.gantry.bench.process.GatewayFolder;
import io.gantry.bench.process.JavaRuntime;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * How many messages a second go the whole way: from a device over MQTT into the queue of the sample
 * filter, through the module, into the queue of {@code $upstream}, into the event log. The devices
 * are faster than that, so most of it is read back from disk.
 */
public final class Passage {

  private static final String UPSTREAM = "$upstream";

  private Passage() {}

  /** {@code -Dmeasured=6} and those of {@link Workload}; then waits until all has passed. */
  public static void main(String[] arguments) throws Exception {
    Workload workload = Workload.ofProperties();
    System.out.println(workload);
    try (GatewayFolder folder = GatewayFolder.of(GatewayFolder.home());
        Gateway gateway = Gateway.start(folder, JavaRuntime.ofProperties())) {
      long begin = System.nanoTime();
      long sent;
      try (Load load = Load.on(gateway, workload)) {
        load.run();
        sent = load.acknowledged();
      }
      long meanwhile = delivered(gateway);
      double sending = (System.nanoTime() - begin) / 1e9;
      awaitAll(gateway, sent);
      double draining = (System.nanoTime() - begin) / 1e9 - sending;
      System.out.printf(
          Locale.ROOT,
          "%,d acknowledged; passed at %,.0f a second beside the sending, %,.0f a second after it;"
              + " RSS %.1f MB%n",
          sent,
          meanwhile / sending,
          (sent - meanwhile) / draining,
          gateway.figures().resident() / 1e6);
    }
  }

  private static void awaitAll(Gateway gateway, long sent)
      throws IOException, InterruptedException {
    long before = -1;
    long now = delivered(gateway);
    while (now < sent) {
      if (now == before) {
        throw new IOException(now + " of " + sent + " messages have passed, and no more do");
      }
      // Asking is work for the gateway, too.
      new CountDownLatch(1).await(1, TimeUnit.SECONDS);
      before = now;
      now = delivered(gateway);
    }
  }

  private static long delivered(Gateway gateway) {
    for (JsonElement queue : gateway.status().getAsJsonArray("queues")) {
      if (queue.getAsJsonObject().get("address").getAsString().equals(UPSTREAM)) {
        return queue.getAsJsonObject().get("delivered").getAsLong();
      }
    }
    return 0;
  }
}
