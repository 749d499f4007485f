package io.gantry.module.client.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.module.SendException;
import io.gantry.module.client.connection.FakeHub;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.SendResult.Reason;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModuleOutputTest {

  private static final Message HELLO = Message.of(Payload.ofText("hello"));

  private final FakeHub hub = new FakeHub();
  private @Nullable FakeHub present = hub;
  private final ManualTime time = new ManualTime();
  private final ModuleConnections connections =
      new ModuleConnections(() -> present, new ManualThreads(), time, time);
  private final ModuleOutput output = new ModuleOutput(connections.use("filter").connection());

  private SendException refusal(CompletionStage<Void> stage) {
    CompletionException failure =
        assertThrows(CompletionException.class, () -> stage.toCompletableFuture().join());
    return assertInstanceOf(SendException.class, failure.getCause());
  }

  @Test
  void aModuleSpeaksAsItselfOverOneConnection() {
    output.send("out1", HELLO).toCompletableFuture().join();
    output.send("out2", HELLO).toCompletableFuture().join();
    assertEquals(List.of("gateway/filter"), hub.events);
    assertEquals(List.of("out1", "out2"), hub.outputs);
  }

  @Test
  void sendingCompletesWhenTheHubSaysSo() {
    hub.hold = true;
    CompletableFuture<Void> sent = output.send("out1", HELLO).toCompletableFuture();
    assertTrue(!sent.isDone());
    hub.sent.get(0).complete(SendResult.Accepted.INSTANCE);
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
    hub.refusal = new ConnectionRefusedException("not yet", true);
    assertTrue(refusal(output.send("out1", HELLO)).retryable());
    hub.refusal = null;
    output.send("out1", HELLO).toCompletableFuture().join();
  }

  @Test
  void aConnectionThatTheHubEndedIsReplacedByTheNextMessage() {
    output.send("out1", HELLO);
    hub.end(CloseReason.SHUTDOWN);
    output.send("out1", HELLO).toCompletableFuture().join();
    assertEquals(List.of("gateway/filter", "gateway/filter"), hub.events);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b"})
  void anOutputNameThatNoRouteCouldNameIsRefused(String name) {
    assertTrue(!refusal(output.send(name, HELLO)).retryable());
    assertEquals(List.of(), hub.events);
  }
}
