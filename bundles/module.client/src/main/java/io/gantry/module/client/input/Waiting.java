package io.gantry.module.client.input;

import io.gantry.module.client.traffic.Call;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.RoutedMessage;
import java.util.concurrent.CompletableFuture;

/** A message that was taken and is not answered yet. */
final class Waiting extends Call {

  private final RoutedMessage message;
  private volatile CompletableFuture<Delivery> answer;

  Waiting(RoutedMessage message, CompletableFuture<Delivery> answer) {
    this.message = message;
    this.answer = answer;
  }

  RoutedMessage message() {
    return message;
  }

  /** It was handed over once more: the newest try is listened to. */
  void answerTo(CompletableFuture<Delivery> newest) {
    answer = newest;
  }

  /** Only the first answer counts. */
  void complete(Delivery delivery) {
    answer.complete(delivery);
  }
}
