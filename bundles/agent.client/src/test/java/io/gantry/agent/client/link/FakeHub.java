package io.gantry.agent.client.link;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A hub with the twin of the agent. */
final class FakeHub implements ClientGateway {

  /** Connects and closes, and subscriptions. */
  final List<String> events = new ArrayList<>();

  /** The patches that came. */
  final List<String> patches = new ArrayList<>();

  JsonObject reported = new JsonObject();
  @Nullable ConnectionRefusedException refusal;
  @Nullable RequestException twinFailure;
  @Nullable RequestException reportFailure;

  /** Whether it throws errors at whoever connects. */
  boolean unlinked;

  /** Whether answers wait for {@link #release}. */
  boolean hold;

  private final List<Runnable> held = new ArrayList<>();
  private @Nullable ClientSession session;

  void end(CloseReason reason) {
    session().close(reason);
  }

  ClientSession session() {
    return Optional.ofNullable(session).orElseThrow();
  }

  void release() {
    List<Runnable> all = List.copyOf(held);
    held.clear();
    all.forEach(Runnable::run);
  }

  List<String> newPatches() {
    List<String> all = List.copyOf(patches);
    patches.clear();
    return all;
  }

  private <T> CompletionStage<T> answer(T value, @Nullable RequestException failure) {
    CompletableFuture<T> stage = new CompletableFuture<>();
    held.add(
        () -> {
          if (failure == null) {
            stage.complete(value);
          } else {
            stage.completeExceptionally(failure);
          }
        });
    if (!hold) {
      release();
    }
    return stage;
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
  public ClientConnection connect(Identity identity, ClientSession fresh)
      throws ConnectionRefusedException {
    if (unlinked) {
      throw new NoClassDefFoundError("a class of the hub");
    }
    if (refusal != null) {
      events.add("refused");
      throw refusal;
    }
    events.add(identity.id());
    session = fresh;
    return new Connection();
  }

  private final class Connection implements ClientConnection {

    @Override
    public CompletionStage<SendResult> send(Optional<String> output, Message message) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void subscribe(Subscription subscription) {
      events.add("+" + subscription);
    }

    @Override
    public void unsubscribe(Subscription subscription) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Twin> twin() {
      return answer(new Twin("{}", 1, reported.toString(), 1), twinFailure);
    }

    @Override
    public CompletionStage<Long> report(String patch) {
      patches.add(patch.replace('"', '\''));
      if (reportFailure == null) {
        merge(reported, JsonParser.parseString(patch).getAsJsonObject());
      }
      return answer(1L, reportFailure);
    }

    @Override
    public void close() {
      events.add("closed");
    }
  }

  private static void merge(JsonObject document, JsonObject patch) {
    for (Map.Entry<String, JsonElement> entry : patch.entrySet()) {
      if (entry.getValue().isJsonNull()) {
        document.remove(entry.getKey());
      } else if (entry.getValue() instanceof JsonObject inner) {
        if (!(document.get(entry.getKey()) instanceof JsonObject)) {
          document.add(entry.getKey(), new JsonObject());
        }
        merge(document.getAsJsonObject(entry.getKey()), inner);
      } else {
        document.add(entry.getKey(), entry.getValue());
      }
    }
  }
}
