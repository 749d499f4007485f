package io.gantry.module.client.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.module.SendException;
import io.gantry.api.module.Twin;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.SendResult.Reason;
import io.gantry.spi.session.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModuleOutputTest {

  private static final Message HELLO = Message.of(Payload.ofText("hello"));

  private final FakeHub hub = new FakeHub();
  private FakeHub present = hub;
  private final ModuleOutput output = new ModuleOutput("filter", () -> present);

  private SendException refusal(CompletionStage<Void> stage) {
    CompletionException failure =
        assertThrows(CompletionException.class, () -> stage.toCompletableFuture().join());
    return assertInstanceOf(SendException.class, failure.getCause());
  }

  @Test
  void aModuleSpeaksAsItselfOverOneConnection() {
    output.send("out1", HELLO).toCompletableFuture().join();
    output.send("out2", HELLO).toCompletableFuture().join();
    assertEquals(List.of("gateway/filter"), hub.connected);
    assertEquals(List.of("out1", "out2"), hub.outputs);
  }

  @Test
  void sendingCompletesWhenTheHubSaysSo() {
    hub.hold = true;
    CompletableFuture<Void> sent = output.send("out1", HELLO).toCompletableFuture();
    assertTrue(!sent.isDone());
    hub.held.get(0).complete(SendResult.Accepted.INSTANCE);
    assertTrue(sent.isDone());
  }

  @ParameterizedTest
  @CsvSource({
    "TOO_LARGE,false",
    "INVALID,false",
    "STORE_FULL,true",
    "STORE_BROKEN,true",
    "CLOSED,true"
  })
  void aRefusalSaysWhetherTryingAgainHelps(Reason reason, boolean retryable) {
    hub.result = new SendResult.Rejected(reason, "because");
    SendException refusal = refusal(output.send("out1", HELLO));
    assertEquals(retryable, refusal.retryable());
    assertEquals("Sending a message of module filter: because", refusal.getMessage());
  }

  @Test
  void withoutAHubSendingFailsAtOnceAndWorksWhenItIsBack() {
    present = null;
    assertTrue(refusal(output.send("out1", HELLO)).retryable());
    present = hub;
    output.send("out1", HELLO).toCompletableFuture().join();
  }

  @Test
  void aHubThatLetsNobodyInYetIsAskedAgainByTheNextMessage() {
    hub.refusing = true;
    assertTrue(refusal(output.send("out1", HELLO)).retryable());
    hub.refusing = false;
    output.send("out1", HELLO).toCompletableFuture().join();
  }

  @Test
  void aConnectionThatTheHubEndedIsReplacedByTheNextMessage() {
    output.send("out1", HELLO);
    hub.sessions.get(0).close(CloseReason.SHUTDOWN);
    output.send("out1", HELLO).toCompletableFuture().join();
    assertEquals(2, hub.connected.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b"})
  void anOutputNameThatNoRouteCouldNameIsRefused(String name) {
    assertTrue(!refusal(output.send(name, HELLO)).retryable());
    assertEquals(List.of(), hub.connected);
  }

  @Test
  void closingEndsTheConnection() {
    output.send("out1", HELLO);
    output.close();
    assertEquals(1, hub.ended);
  }

  private static final class FakeHub implements ClientGateway {

    final List<String> connected = new ArrayList<>();
    final List<String> outputs = new ArrayList<>();
    final List<ClientSession> sessions = new ArrayList<>();
    final List<CompletableFuture<SendResult>> held = new ArrayList<>();
    SendResult result = SendResult.Accepted.INSTANCE;
    boolean hold;
    boolean refusing;
    int ended;

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
      if (refusing) {
        throw new ConnectionRefusedException("not yet", true);
      }
      connected.add(identity.id());
      sessions.add(session);
      return new ClientConnection() {
        @Override
        public CompletionStage<SendResult> send(Optional<String> output, Message message) {
          outputs.add(output.orElse(""));
          CompletableFuture<SendResult> stage = new CompletableFuture<>();
          held.add(stage);
          if (!hold) {
            stage.complete(result);
          }
          return stage;
        }

        @Override
        public void subscribe(Subscription subscription) {
          throw new IllegalStateException("modules of this JVM have endpoints");
        }

        @Override
        public void unsubscribe(Subscription subscription) {
          throw new IllegalStateException("modules of this JVM have endpoints");
        }

        @Override
        public CompletionStage<Twin> twin() {
          throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Long> report(String patch) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
          ended++;
        }
      };
    }
  }
}
