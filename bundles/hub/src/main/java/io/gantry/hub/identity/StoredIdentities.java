package io.gantry.hub.identity;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityException;
import io.gantry.spi.identity.IdentityException.Kind;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.identity.RegisteredIdentity;
import io.gantry.spi.security.Vault;
import io.gantry.spi.store.Table;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry of a gateway without an upstream. Reads see what is durable. Changes are made on the
 * serial executor, those of a device and its modules one after another.
 *
 * <p>An identity that is disabled, deleted or has a new key is no more what its connections have
 * proved to be: {@link #onRevoked} is told after that is durable and before the stage completes.
 */
public final class StoredIdentities implements IdentityRegistry, AutoCloseable {

  /** So many fit. */
  static final int MOST = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(StoredIdentities.class);

  /** The lane of declarations; no device is called so. */
  private static final String DECLARATIONS = "";

  private final String gateway;
  private final SealedRows rows;
  private final SerialExecutor executor;
  private final InstantSource clock;
  private final Turns turns;
  private final Secrets secrets = new Secrets();
  private final Listeners revoked = new Listeners("revoked");
  private final Listeners deleted = new Listeners("deleted");
  private final Map<Identity, RegisteredIdentity> identities = new ConcurrentHashMap<>();

  // how many are being stored for the first time; the executor's own
  private int coming;

  /**
   * Reads what an earlier run has stored.
   *
   * @param gateway the gateway's own device id
   * @param executor of its own; closed with it
   */
  public StoredIdentities(
      String gateway, Table table, Vault vault, SerialExecutor executor, InstantSource clock) {
    this.gateway = Identity.requireValidId("deviceId", gateway);
    this.executor = executor;
    this.clock = clock;
    rows = new SealedRows(table, vault);
    turns = new Turns(executor);
    rows.load().forEach(row -> identities.put(row.identity(), row));
  }

  /**
   * Tells who it is that has to go, on the executor. The listener must not block.
   *
   * @return ends the listening
   */
  public Cancellable onRevoked(Consumer<Identity> listener) {
    return revoked.add(listener);
  }

  /**
   * Tells who is no more, on the executor, after {@link #onRevoked} has been told: what belonged to
   * it may go. The listener must not block.
   *
   * @return ends the listening
   */
  public Cancellable onDeleted(Consumer<Identity> listener) {
    return deleted.add(listener);
  }

  @Override
  public Optional<RegisteredIdentity> find(Identity identity) {
    return Optional.ofNullable(identities.get(identity));
  }

  @Override
  public List<RegisteredIdentity> list() {
    List<RegisteredIdentity> all = new ArrayList<>(identities.values());
    all.sort(Comparator.comparing(row -> row.identity().id()));
    return all;
  }

  // ---- creating

  @Override
  public CompletionStage<RegisteredIdentity> create(
      Identity identity, Optional<AuthenticationMethod> method) {
    return turns.take(identity.deviceId(), () -> create(identity, method, false));
  }

  private CompletionStage<RegisteredIdentity> create(
      Identity identity, Optional<AuthenticationMethod> method, boolean declared)
      throws IdentityException {
    String attempt = "Creating identity " + identity + ": ";
    if (identities.containsKey(identity)) {
      throw new IdentityException(Kind.EXISTS, attempt + "there is one already");
    }
    if (identity instanceof ModuleIdentity && !exists(identity.deviceId())) {
      throw new IdentityException(
          Kind.NOT_FOUND, attempt + "there is no device " + identity.deviceId());
    }
    AuthenticationMethod checked =
        method.isPresent() ? new MethodRule(identity).check(method.get()) : secrets.keys();
    if (identities.size() + coming >= MOST) {
      throw new IdentityException(
          Kind.FULL, attempt + "there are " + MOST + " already, and no more may be");
    }
    coming++;
    return store(
            new RegisteredIdentity(
                identity, secrets.generationId(), true, declared, checked, clock.instant()))
        .whenCompleteAsync((row, failure) -> created(identity, failure == null), executor);
  }

  private boolean exists(String deviceId) {
    return deviceId.equals(gateway) || identities.containsKey(new DeviceIdentity(deviceId));
  }

  private void created(Identity identity, boolean done) {
    coming--;
    if (done) {
      LOG.info("HUB-02 identity {} is created", identity);
    }
  }

  /** Stores a row; from then on it counts. */
  private CompletionStage<RegisteredIdentity> store(RegisteredIdentity row) {
    return rows.put(row)
        .thenApplyAsync(
            stored -> {
              identities.put(row.identity(), row);
              return row;
            },
            executor);
  }

  // ---- changing

  private RegisteredIdentity require(String what, Identity identity) throws IdentityException {
    RegisteredIdentity row = identities.get(identity);
    if (row == null) {
      throw new IdentityException(
          Kind.NOT_FOUND, what + " identity " + identity + ": there is none");
    }
    return row;
  }

  @Override
  public CompletionStage<RegisteredIdentity> setEnabled(Identity identity, boolean enabled) {
    return turns.take(
        identity.deviceId(),
        () -> {
          RegisteredIdentity row = require(enabled ? "Enabling" : "Disabling", identity);
          return row.enabled() == enabled
              ? CompletableFuture.completedFuture(row)
              : setEnabled(row, enabled);
        });
  }

  private CompletionStage<RegisteredIdentity> setEnabled(RegisteredIdentity row, boolean enabled) {
    Identity identity = row.identity();
    return store(
            new RegisteredIdentity(
                identity, row.generationId(), enabled, row.declared(), row.method(), row.created()))
        .thenApplyAsync(
            stored -> {
              LOG.info("HUB-03 identity {} is {}", identity, enabled ? "enabled" : "disabled");
              if (!enabled) {
                revoked.tell(identity);
                modulesBelow(identity).forEach(revoked::tell);
              }
              return stored;
            },
            executor);
  }

  @Override
  public CompletionStage<RegisteredIdentity> regenerateKey(Identity identity, Key key) {
    return turns.take(
        identity.deviceId(),
        () -> {
          RegisteredIdentity row = require("Regenerating a key of", identity);
          if (row.method() instanceof SasKeys keys) {
            return regenerateKey(row, keys, key);
          }
          throw new IdentityException(
              Kind.INVALID,
              "Regenerating a key of identity "
                  + identity
                  + ": it has none, it proves itself with a certificate");
        });
  }

  private CompletionStage<RegisteredIdentity> regenerateKey(
      RegisteredIdentity row, SasKeys keys, Key key) {
    Identity identity = row.identity();
    SasKeys fresh =
        key == Key.PRIMARY
            ? new SasKeys(secrets.key(), keys.secondary())
            : new SasKeys(keys.primary(), secrets.key());
    return store(
            new RegisteredIdentity(
                identity, row.generationId(), row.enabled(), row.declared(), fresh, row.created()))
        .thenApplyAsync(
            stored -> {
              LOG.info("HUB-04 identity {} has a new {} key", identity, key);
              revoked.tell(identity);
              return stored;
            },
            executor);
  }

  // ---- deleting

  @Override
  public CompletionStage<Void> delete(Identity identity) {
    return turns.take(
        identity.deviceId(),
        () -> {
          require("Deleting", identity);
          return remove(modulesBelow(identity))
              .thenComposeAsync(done -> remove(List.of(identity)), executor);
        });
  }

  /** The gateway's modules stay when the row of its device goes: the device itself does not. */
  private List<Identity> modulesBelow(Identity device) {
    return device instanceof DeviceIdentity && !device.deviceId().equals(gateway)
        ? all(
            row ->
                row.identity() instanceof ModuleIdentity
                    && row.identity().deviceId().equals(device.deviceId()))
        : List.of();
  }

  private List<Identity> all(Predicate<RegisteredIdentity> which) {
    return list().stream().filter(which).map(RegisteredIdentity::identity).toList();
  }

  private CompletionStage<Void> remove(List<Identity> which) {
    return CompletableFuture.allOf(
        which.stream()
            .map(
                identity ->
                    rows.remove(identity)
                        .thenRunAsync(() -> removed(identity), executor)
                        .toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new));
  }

  private void removed(Identity identity) {
    identities.remove(identity);
    LOG.info("HUB-05 identity {} is deleted", identity);
    revoked.tell(identity);
    deleted.tell(identity);
  }

  // ---- the modules of the deployment

  @Override
  public CompletionStage<Void> declare(Set<String> modules) {
    Set<String> wanted = Set.copyOf(modules);
    return turns.take(
        DECLARATIONS,
        () -> {
          List<Identity> modulesWanted = identities(wanted);
          List<Identity> others =
              all(row -> row.declared() && !modulesWanted.contains(row.identity()));
          return each(others, this::withdraw)
              .thenComposeAsync(done -> each(modulesWanted, this::provide), executor);
        });
  }

  private List<Identity> identities(Set<String> modules) throws IdentityException {
    List<Identity> wanted = new ArrayList<>();
    for (String module : modules) {
      try {
        wanted.add(new ModuleIdentity(gateway, module));
      } catch (IllegalArgumentException e) {
        throw new IdentityException(Kind.INVALID, "Declaring modules: " + e.getMessage());
      }
    }
    return wanted;
  }

  private static CompletionStage<Void> each(List<Identity> which, Step step) {
    return CompletableFuture.allOf(
        which.stream()
            .map(identity -> step.take(identity).toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new));
  }

  @FunctionalInterface
  private interface Step {
    CompletionStage<Void> take(Identity identity);
  }

  /** In the lane of its device: an operator may change it at the same time. */
  private CompletionStage<Void> withdraw(Identity module) {
    return turns.take(
        module.deviceId(),
        () ->
            find(module).filter(RegisteredIdentity::declared).isPresent()
                ? remove(List.of(module))
                : CompletableFuture.completedFuture(null));
  }

  private CompletionStage<Void> provide(Identity module) {
    return turns.take(
        module.deviceId(),
        () ->
            find(module).isPresent()
                ? CompletableFuture.completedFuture(null)
                : create(module, Optional.empty(), true).thenAccept(row -> {}));
  }

  @Override
  public void close() {
    executor.execute(turns::close);
    executor.close();
  }
}
