package io.gantry.testkit.routing;

import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RoutedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A receiver that keeps what it gets and answers when and what the test says: at once by {@link
 * #answerWith}, or each message later by {@link #answer}. Not for use by several threads.
 */
public final class FakeEndpoint implements Endpoint {

  private final EndpointAddress address;
  private final List<RoutedMessage> received = new ArrayList<>();
  private final List<CompletableFuture<Delivery>> answers = new ArrayList<>();
  private List<Delivery> always = List.of();
  private boolean serving = true;
  private int window = 16;

  public FakeEndpoint(EndpointAddress address) {
    this.address = address;
  }

  /** From now on every message is answered so at once. */
  public FakeEndpoint answerWith(Delivery delivery) {
    always = List.of(delivery);
    return this;
  }

  /** From now on messages wait for {@link #answer}. */
  public void hold() {
    always = List.of();
  }

  /** From now on so many messages may be unanswered at a time. */
  public FakeEndpoint withWindow(int size) {
    window = size;
    return this;
  }

  /** Whether it says that it serves its address. */
  public void serving(boolean now) {
    serving = now;
  }

  @Override
  public boolean serves(EndpointAddress asked) {
    return serving && address.equals(asked);
  }

  @Override
  public int window(EndpointAddress asked) {
    return window;
  }

  @Override
  public CompletionStage<Delivery> deliver(EndpointAddress to, RoutedMessage message) {
    CompletableFuture<Delivery> answer = new CompletableFuture<>();
    received.add(message);
    answers.add(answer);
    always.forEach(answer::complete);
    return answer;
  }

  /** Answers the message that was received as the given one, counted from 0. */
  public void answer(int index, Delivery delivery) {
    answers.get(index).complete(delivery);
  }

  /** Bodies of all messages in the order they were received, repetitions included. */
  public List<String> bodies() {
    return received.stream().map(routed -> routed.message().body().asText()).toList();
  }

  /** All messages in the order they were received. */
  public List<RoutedMessage> received() {
    return List.copyOf(received);
  }
}
