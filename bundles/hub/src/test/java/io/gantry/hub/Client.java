package io.gantry.hub;

import io.gantry.api.message.Message;
import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A client that keeps what it is told, and answers when the test says so. */
final class Client implements ClientSession {

  final List<CloseReason> closed = new ArrayList<>();
  final List<String> inputs = new ArrayList<>();
  final List<Message> messages = new ArrayList<>();
  final List<DesiredChange> changes = new ArrayList<>();
  final List<MethodRequest> calls = new ArrayList<>();
  final List<CompletableFuture<Delivery>> deliveries = new ArrayList<>();
  final List<CompletableFuture<MethodResponse>> answers = new ArrayList<>();
  private boolean accepting;

  /** From now on it accepts what it is told at once. */
  Client accepting() {
    accepting = true;
    return this;
  }

  @Override
  public CompletionStage<Delivery> deliver(String input, Message message) {
    inputs.add(input);
    return new CompletableFuture<>();
  }

  @Override
  public CompletionStage<Delivery> deliverFromCloud(Message message) {
    messages.add(message);
    return delivery();
  }

  @Override
  public CompletionStage<Delivery> desiredChanged(DesiredChange change) {
    changes.add(change);
    return delivery();
  }

  private CompletionStage<Delivery> delivery() {
    CompletableFuture<Delivery> delivery = new CompletableFuture<>();
    deliveries.add(delivery);
    if (accepting) {
      delivery.complete(Delivery.Accepted.INSTANCE);
    }
    return delivery;
  }

  @Override
  public CompletionStage<MethodResponse> invoke(MethodRequest request) {
    calls.add(request);
    CompletableFuture<MethodResponse> answer = new CompletableFuture<>();
    answers.add(answer);
    return answer;
  }

  @Override
  public void close(CloseReason reason) {
    closed.add(reason);
  }
}
