package io.gantry.module.client.connection;

import io.gantry.api.message.Message;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.Twin;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A hub that writes down what a module does, in order. */
public final class FakeHub implements ClientGateway {

  /** Connects and closes, and subscriptions with a plus or minus. */
  public final List<String> events = new ArrayList<>();

  /** The names of the outputs of what was sent. */
  public final List<String> outputs = new ArrayList<>();

  /** What was reported. */
  public final List<String> reports = new ArrayList<>();

  /** The stages of what was sent. */
  public final List<CompletableFuture<SendResult>> sent = new ArrayList<>();

  /** The answer to what is sent. */
  public SendResult result = SendResult.Accepted.INSTANCE;

  /** Whether what is sent waits for the test. */
  public boolean hold;

  /** Why nobody is let in. */
  public @Nullable ConnectionRefusedException refusal;

  /** The answer to who asks for a twin. */
  public CompletionStage<Twin> twin =
      CompletableFuture.failedFuture(new RequestException(404, "no twin in this test"));

  /** Happens while somebody connects. */
  public Consumer<ClientSession> connecting = session -> {};

  private final List<ClientSession> sessions = new ArrayList<>();

  /** The way to the module that connected last. */
  public ClientSession session() {
    return sessions.get(sessions.size() - 1);
  }

  /** Ends the newest connection. */
  public void end(CloseReason reason) {
    session().close(reason);
  }

  /** The events since the last call. */
  public List<String> newEvents() {
    List<String> all = List.copyOf(events);
    events.clear();
    return all;
  }

  @Override
  public String deviceId() {
    return "gateway";
  }

  @Override
  public String hubName() {
    return "gantry.local";
  }

  @Override
  public boolean wantsTopic(String topic) {
    return false;
  }

  @Override
  public CompletionStage<SendResult> publish(String topic, Message message) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ClientConnection connect(Identity identity, ClientSession session)
      throws ConnectionRefusedException {
    if (refusal != null) {
      events.add("refused");
      throw refusal;
    }
    events.add(identity.id());
    sessions.add(session);
    connecting.accept(session);
    return new Connection();
  }

  private final class Connection implements ClientConnection {

    @Override
    public CompletionStage<SendResult> send(Optional<String> output, Message message) {
      outputs.add(output.orElse(""));
      CompletableFuture<SendResult> stage = new CompletableFuture<>();
      sent.add(stage);
      if (!hold) {
        stage.complete(result);
      }
      return stage;
    }

    @Override
    public void subscribe(Subscription subscription) {
      events.add("+" + subscription);
    }

    @Override
    public void unsubscribe(Subscription subscription) {
      events.add("-" + subscription);
    }

    @Override
    public CompletionStage<Twin> twin() {
      return twin;
    }

    @Override
    public CompletionStage<Long> report(String patch) {
      reports.add(patch);
      return CompletableFuture.completedFuture(1L + reports.size());
    }

    @Override
    public void close() {
      events.add("closed");
    }
  }
}
