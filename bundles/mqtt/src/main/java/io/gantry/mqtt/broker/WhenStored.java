package io.gantry.mqtt.broker;

import io.gantry.spi.session.SendResult;
import java.util.function.Consumer;

/** Waits for several answers of the store, and hands the first refusal over at once. */
final class WhenStored implements Consumer<SendResult> {

  private final Consumer<SendResult> then;
  private int missing;

  private WhenStored(int answers, Consumer<SendResult> then) {
    missing = answers;
    this.then = then;
  }

  static Consumer<SendResult> all(int answers, Consumer<SendResult> then) {
    return new WhenStored(answers, then);
  }

  @Override
  public void accept(SendResult result) {
    missing--;
    if (missing == 0 || missing > 0 && result instanceof SendResult.Rejected) {
      missing = Math.min(missing, 0);
      then.accept(result);
    }
  }
}
