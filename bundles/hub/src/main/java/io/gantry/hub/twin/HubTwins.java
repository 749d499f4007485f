package io.gantry.hub.twin;

import com.google.gson.JsonObject;
import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.Twin;
import io.gantry.hub.subscriber.Subscriber;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Stages;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.RegisteredIdentity;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.security.Vault;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.Table;
import io.gantry.spi.twin.Twins;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Twins. What is asked about one identity is done in the order of asking, each on disk before the
 * next begins.
 *
 * <p>A client that subscribes to its desired properties is told what has changed since it was told
 * last, as one change, whether that was before a reconnect, a restart or a minute ago; so nobody
 * has to ask for the whole twin first, as with IoT Edge. For this the twin keeps the desired
 * properties that its client has accepted or asked for. One change at a time is under way to a
 * client; those that come meanwhile are gathered.
 *
 * <p>State is owned by the serial executor.
 */
public final class HubTwins implements Twins {

  private static final Logger LOG = LoggerFactory.getLogger(HubTwins.class);
  private static final CompletionStage<?> DONE = CompletableFuture.completedFuture(null);

  /** So many requests for one twin may wait for the disk. */
  static final int MOST_WAITING = 64;

  /** Something to do in turn. */
  private interface Step<T> {
    /** Begins it; the turn ends with the stage, the answer may come before or after. */
    CompletionStage<?> begin(CompletableFuture<T> answer) throws RequestException;
  }

  private final TwinTable table;
  private final IdentityRegistry identities;
  private final TwinChanges changes;
  private final SerialExecutor executor;
  private final Turns turns;
  private final Map<Identity, Watch> watches = new HashMap<>();

  /**
   * @param table where they are kept
   */
  public HubTwins(
      Table table,
      Vault vault,
      IdentityRegistry identities,
      TwinChanges changes,
      SerialExecutor executor) {
    this.table = new TwinTable(table, vault);
    this.identities = identities;
    this.changes = changes;
    this.executor = executor;
    turns = new Turns(executor);
  }

  // ---- the back end

  @Override
  public CompletionStage<Twin> get(Identity identity) {
    return request(
        identity,
        answer -> {
          requireKnown(identity);
          answer.complete(load(identity).view());
          return DONE;
        });
  }

  @Override
  public CompletionStage<Twin> updateDesired(Identity identity, String patch) {
    return request(
        identity,
        answer -> {
          requireKnown(identity);
          JsonObject change = PatchReader.read("desired", patch);
          return change(identity, load(identity), change, answer);
        });
  }

  @Override
  public CompletionStage<Twin> replaceDesired(Identity identity, String desired) {
    return request(
        identity,
        answer -> {
          requireKnown(identity);
          JsonObject wanted = Merge.apply(new JsonObject(), PatchReader.read("desired", desired));
          StoredTwin before = load(identity);
          JsonObject change = Merge.difference(before.desired(), wanted);
          if (change.isEmpty()) {
            answer.complete(before.view());
            return DONE;
          }
          return change(identity, before, change, answer);
        });
  }

  private CompletionStage<?> change(
      Identity identity, StoredTwin before, JsonObject change, CompletableFuture<Twin> answer)
      throws RequestException {
    JsonObject desired = Merge.apply(before.desired(), change);
    PatchReader.requireSize("desired", desired);
    StoredTwin twin = before.withDesired(desired);
    return table
        .put(identity, twin)
        .thenRunAsync(
            () -> {
              answer.complete(twin.view());
              tell(identity, twin, change);
            },
            executor);
  }

  /** An identity was deleted, and its twin goes. Any thread. */
  public void forget(Identity identity) {
    inTurn(
        identity,
        () -> {
          watches.remove(identity);
          return table.remove(identity);
        });
  }

  private void requireKnown(Identity identity) throws RequestException {
    if (identities.find(identity).isEmpty()) {
      throw new RequestException(404, "Twin of " + identity + ": there is no such identity");
    }
  }

  // ---- the client

  /** The twin of a client; see {@code ClientConnection.twin}. */
  public CompletionStage<Twin> twin(Subscriber client) {
    Identity identity = client.identity();
    return request(
        identity,
        answer -> {
          requireOpen(client);
          StoredTwin twin = load(identity);
          answer.complete(twin.view());
          return twin.desiredVersion() == 1
              ? DONE
              : told(identity, twin, twin.desiredVersion(), twin.desired());
        });
  }

  /** A change of reported properties; see {@code ClientConnection.report}. */
  public CompletionStage<Long> report(Subscriber client, String patch) {
    Identity identity = client.identity();
    return request(
        identity,
        answer -> {
          requireOpen(client);
          JsonObject change = PatchReader.read("reported", patch);
          StoredTwin before = load(identity);
          JsonObject reported = Merge.apply(before.reported(), change);
          PatchReader.requireSize("reported", reported);
          StoredTwin twin = before.withReported(reported);
          return table
              .put(identity, twin)
              .thenRunAsync(
                  () ->
                      changes
                          .reported(identity, change.toString())
                          .whenComplete((done, failure) -> answer.complete(twin.reportedVersion())),
                  executor);
        });
  }

  private static void requireOpen(Subscriber client) throws RequestException {
    if (!client.isOpen()) {
      throw new RequestException(
          404, "Twin of " + client.identity() + ": its connection is closed");
    }
  }

  /** A client wants to be told of changes from now on. Any thread. */
  public void subscribe(Subscriber client) {
    Identity identity = client.identity();
    inTurn(
        identity,
        () -> {
          Watch present = watches.get(identity);
          if (client.isOpen() && (present == null || present.subscriber() != client)) {
            watches.put(identity, new Watch(client));
            tell(identity, load(identity), null);
          }
          return DONE;
        });
  }

  /** A client wants it no more, or is gone. Any thread. */
  public void unsubscribe(Subscriber client) {
    inTurn(
        client.identity(),
        () -> {
          watches.computeIfPresent(
              client.identity(), (who, watch) -> watch.subscriber() == client ? null : watch);
          return DONE;
        });
  }

  // ---- telling

  /**
   * Hands over what the client does not know, unless a change is under way.
   *
   * @param latest the patch that made the present version; passed on as it is to whoever knows the
   *     version before
   */
  private void tell(Identity identity, StoredTwin twin, @Nullable JsonObject latest) {
    Watch watch = watches.get(identity);
    if (watch == null || watch.isUnderWay() || !watch.subscriber().isOpen()) {
      return;
    }
    long version = twin.desiredVersion();
    long known = watch.knownVersion(twin);
    // The first version is empty, and known to everybody.
    if (version <= Math.max(1, Math.max(known, watch.refused()))) {
      return;
    }
    JsonObject patch =
        latest != null && Math.max(1, known) == version - 1
            ? latest
            : Merge.difference(watch.known(twin), twin.desired());
    watch.handedOver();
    handOver(watch, new DesiredChange(patch.toString(), version))
        .whenComplete(
            (delivery, failure) ->
                inTurn(
                    identity, () -> answered(identity, watch, version, twin.desired(), delivery)));
  }

  private static CompletionStage<Delivery> handOver(Watch watch, DesiredChange change) {
    try {
      return watch.subscriber().session().desiredChanged(change);
    } catch (RuntimeException broken) {
      LOG.error("The connection of {} failed", watch.subscriber().identity(), broken);
      return CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
    }
  }

  private CompletionStage<?> answered(
      Identity identity,
      Watch watch,
      long version,
      JsonObject document,
      @Nullable Delivery delivery)
      throws RequestException {
    StoredTwin twin = load(identity);
    if (!(delivery instanceof Delivery.Accepted)) {
      LOG.info("{} did not take version {} of its desired properties", identity, version);
      watch.refused(version);
      tell(identity, twin, null);
      return DONE;
    }
    watch.accepted();
    boolean isOfTheTwin = version <= twin.desiredVersion();
    return isOfTheTwin ? told(identity, twin, version, document) : DONE;
  }

  /** Writes down what the client knows, and tells it what it does not. */
  private CompletionStage<?> told(
      Identity identity, StoredTwin before, long version, JsonObject document) {
    if (version <= before.toldVersion()) {
      tell(identity, before, null);
      return DONE;
    }
    StoredTwin after = before.withTold(version, document);
    return table
        .put(identity, after)
        .whenCompleteAsync(
            (done, failure) -> {
              if (failure != null) {
                LOG.warn(
                    "What {} knows of its desired properties could not be stored;"
                        + " after a restart it is told again",
                    identity,
                    failure);
                Watch watch = watches.get(identity);
                if (watch != null) {
                  watch.remember(version, document);
                }
              }
              tell(identity, failure == null ? after : before, null);
            },
            executor);
  }

  // ---- turns

  private StoredTwin load(Identity identity) throws RequestException {
    String generation = identities.find(identity).map(RegisteredIdentity::generationId).orElse("");
    return table.load(identity, generation);
  }

  private interface Work {
    CompletionStage<?> begin() throws RequestException;
  }

  /** What the hub has to do itself is never refused. */
  private void inTurn(Identity identity, Work work) {
    executor.offer(() -> turns.enter(identity, () -> begin(identity, work)));
  }

  private static CompletionStage<?> begin(Identity identity, Work work) {
    try {
      return work.begin();
    } catch (RequestException | RuntimeException failed) {
      LOG.error("The twin of {} is not served", identity, failed);
      return DONE;
    }
  }

  private <T> CompletionStage<T> request(Identity identity, Step<T> step) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    try {
      executor.execute(() -> enter(identity, step, answer));
    } catch (RejectedExecutionException stopping) {
      answer.completeExceptionally(problem(identity, stopping));
    }
    return answer;
  }

  private <T> void enter(Identity identity, Step<T> step, CompletableFuture<T> answer) {
    if (turns.waiting(identity) >= MOST_WAITING) {
      answer.completeExceptionally(
          new RequestException(
              429,
              "Twin of "
                  + identity
                  + ": expected at most "
                  + MOST_WAITING
                  + " requests at a time; try again when they are answered"));
      return;
    }
    turns.enter(identity, () -> begin(identity, step, answer));
  }

  private static <T> CompletionStage<?> begin(
      Identity identity, Step<T> step, CompletableFuture<T> answer) {
    try {
      return step.begin(answer)
          .whenComplete(
              (done, failure) -> {
                if (failure != null) {
                  answer.completeExceptionally(problem(identity, failure));
                }
              });
    } catch (RequestException | RuntimeException failed) {
      answer.completeExceptionally(problem(identity, failed));
      return DONE;
    }
  }

  private static RequestException problem(Identity identity, Throwable failure) {
    Throwable cause = Stages.cause(failure);
    if (cause instanceof RequestException request) {
      return request;
    }
    if (cause instanceof StoreException || cause instanceof RejectedExecutionException) {
      return new RequestException(
          503, "Twin of " + identity + ": not stored, nothing has changed: " + cause.getMessage());
    }
    LOG.error("A request for the twin of {} failed", identity, cause);
    return new RequestException(500, "Twin of " + identity + ": the request failed");
  }
}
