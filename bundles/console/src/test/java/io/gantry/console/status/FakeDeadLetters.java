package io.gantry.console.status;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.routing.DeadLetters;
import io.gantry.spi.routing.MessageSource;
import io.gantry.spi.routing.RoutedMessage;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Dead letters in memory; a replayed one comes back at once when the test says so. */
public final class FakeDeadLetters implements DeadLetters {

  private final TreeMap<Long, DeadLetter> letters = new TreeMap<>();
  public Instant comesBackAt = Instant.MIN;

  /** Adds one. */
  public void add(long sequence, Instant time) {
    Message message =
        Message.of(Payload.ofText("body " + sequence))
            .withSystemProperty(SystemProperty.CONNECTION_DEVICE_ID, "thermo1");
    letters.put(
        sequence,
        new DeadLetter(
            sequence,
            time,
            "modules/filter/inputs/in1",
            "no temperature",
            10,
            new RoutedMessage(
                MessageSource.DEVICE, new DeviceIdentity("thermo1"), Instant.EPOCH, message)));
  }

  @Override
  public List<DeadLetter> read(long from, int max) {
    return letters.tailMap(from).values().stream().limit(max).toList();
  }

  @Override
  public CompletionStage<Boolean> replay(long sequence) {
    boolean there = letters.remove(sequence) != null;
    if (there && comesBackAt.isAfter(Instant.MIN)) {
      add(letters.isEmpty() ? sequence + 1 : letters.lastKey() + 1, comesBackAt);
    }
    return CompletableFuture.completedFuture(there);
  }

  @Override
  public CompletionStage<Long> purge(long upTo) {
    long count = letters.headMap(upTo, true).size();
    letters.headMap(upTo, true).clear();
    return CompletableFuture.completedFuture(count);
  }
}
