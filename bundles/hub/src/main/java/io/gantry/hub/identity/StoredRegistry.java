package io.gantry.hub.identity;

import static java.util.Objects.requireNonNull;

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
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry of a gateway that is its own root: sealed rows in a table, all of them in memory.
 * Changes are made one after another; each looks at what the one before has left.
 */
public final class StoredRegistry implements IdentityRegistry {

  private static final Logger LOG = LoggerFactory.getLogger(StoredRegistry.class);
  private static final int MOST = 10_000;
  private static final String PURPOSE = "identity/";

  private final String deviceId;
  private final Table table;
  private final Vault vault;
  private final SerialExecutor executor;
  private final InstantSource clock;
  private final MethodRules rules = new MethodRules();
  private final Map<Identity, RegisteredIdentity> all = new ConcurrentHashMap<>();
  private final List<Consumer<Identity>> revoked = new CopyOnWriteArrayList<>();
  private final List<Consumer<Identity>> deleted = new CopyOnWriteArrayList<>();
  private CompletionStage<?> last = CompletableFuture.completedFuture(null);

  /**
   * Reads what is stored. A row that cannot be read is an identity that is not there; the others
   * are.
   *
   * @param deviceId of this gateway, which exists without being registered
   */
  public StoredRegistry(
      String deviceId, Table table, Vault vault, SerialExecutor executor, InstantSource clock) {
    this.deviceId = deviceId;
    this.table = table;
    this.vault = vault;
    this.executor = executor;
    this.clock = clock;
    table.keys().forEach(key -> table.get(key).ifPresent(row -> read(key, row)));
  }

  private void read(String key, byte[] row) {
    try {
      RegisteredIdentity found = IdentityCodec.decode(vault.open(PURPOSE + key, row));
      all.put(found.identity(), found);
    } catch (GeneralSecurityException | IllegalArgumentException unreadable) {
      LOG.error(
          "The stored identity '{}' cannot be read: it cannot connect until it is created again",
          key,
          unreadable);
    }
  }

  /**
   * Listens, before a change is done.
   *
   * @param revoking is told of each identity whose connections must end
   * @param deleting is told of each identity that was deleted: what belonged to it must go
   * @return ends it
   */
  public Runnable listen(Consumer<Identity> revoking, Consumer<Identity> deleting) {
    revoked.add(revoking);
    deleted.add(deleting);
    return () -> {
      revoked.remove(revoking);
      deleted.remove(deleting);
    };
  }

  @Override
  public Optional<RegisteredIdentity> find(Identity identity) {
    return Optional.ofNullable(all.get(identity));
  }

  @Override
  public List<RegisteredIdentity> list() {
    return all.values().stream()
        .sorted(Comparator.comparing(registered -> registered.identity().id()))
        .toList();
  }

  @Override
  public CompletionStage<RegisteredIdentity> create(
      Identity identity, Optional<AuthenticationMethod> method) {
    requireNonNull(identity);
    return change(() -> create(identity, method, false));
  }

  private CompletionStage<RegisteredIdentity> create(
      Identity identity, Optional<AuthenticationMethod> method, boolean declared)
      throws IdentityException {
    String attempt = "Creating " + identity + ": ";
    if (all.containsKey(identity)) {
      throw new IdentityException(Kind.EXISTS, attempt + "there is one already");
    }
    if (identity instanceof ModuleIdentity && !isDevice(identity.deviceId())) {
      throw new IdentityException(
          Kind.NOT_FOUND, attempt + "there is no device " + identity.deviceId());
    }
    if (all.size() >= MOST) {
      throw new IdentityException(Kind.FULL, attempt + "there are " + MOST + " already");
    }
    return save(
        new RegisteredIdentity(
            identity,
            UUID.randomUUID().toString(),
            true,
            declared,
            checked(attempt, identity, method),
            clock.instant()));
  }

  private AuthenticationMethod checked(
      String attempt, Identity identity, Optional<AuthenticationMethod> method)
      throws IdentityException {
    try {
      return method.isPresent() ? rules.checked(identity, method.get()) : rules.freshKeys();
    } catch (IllegalArgumentException unfit) {
      throw new IdentityException(Kind.INVALID, attempt + unfit.getMessage());
    }
  }

  private boolean isDevice(String id) {
    return id.equals(deviceId) || all.containsKey(new DeviceIdentity(id));
  }

  @Override
  public CompletionStage<RegisteredIdentity> setEnabled(Identity identity, boolean enabled) {
    return change(
        () ->
            replace(
                (enabled ? "Enabling " : "Disabling ") + identity,
                identity,
                !enabled,
                former -> with(former, enabled, former.method())));
  }

  @Override
  public CompletionStage<RegisteredIdentity> regenerateKey(Identity identity, Key key) {
    return change(
        () -> {
          String attempt = "A new key for " + identity;
          if (!(present(attempt, identity).method() instanceof SasKeys keys)) {
            throw new IdentityException(
                Kind.INVALID, attempt + ": it proves who it is by a certificate, it has no keys");
          }
          SasKeys fresh =
              key == Key.PRIMARY
                  ? new SasKeys(rules.freshKey(), keys.secondary())
                  : new SasKeys(keys.primary(), rules.freshKey());
          return replace(attempt, identity, true, former -> with(former, former.enabled(), fresh));
        });
  }

  private static RegisteredIdentity with(
      RegisteredIdentity former, boolean enabled, AuthenticationMethod method) {
    return new RegisteredIdentity(
        former.identity(),
        former.generationId(),
        enabled,
        former.declared(),
        method,
        former.created());
  }

  private CompletionStage<RegisteredIdentity> replace(
      String attempt,
      Identity identity,
      boolean revoke,
      UnaryOperator<RegisteredIdentity> replacement)
      throws IdentityException {
    RegisteredIdentity next = replacement.apply(present(attempt, identity));
    return save(next)
        .thenApply(
            saved -> {
              if (revoke) {
                revoked.forEach(listener -> listener.accept(identity));
              }
              return saved;
            });
  }

  private RegisteredIdentity present(String attempt, Identity identity) throws IdentityException {
    RegisteredIdentity found = all.get(identity);
    if (found == null) {
      throw new IdentityException(Kind.NOT_FOUND, attempt + ": there is no such identity");
    }
    return found;
  }

  private CompletionStage<RegisteredIdentity> save(RegisteredIdentity registered) {
    String key = registered.identity().id();
    return table
        .put(key, vault.seal(PURPOSE + key, IdentityCodec.encode(registered)))
        .thenApplyAsync(
            stored -> {
              all.put(registered.identity(), registered);
              return registered;
            },
            executor);
  }

  @Override
  public CompletionStage<Void> delete(Identity identity) {
    return change(
        () -> {
          present("Deleting " + identity, identity);
          return removeAll(withModules(identity));
        });
  }

  /** The modules first: after a power cut none is left without its device. */
  private List<Identity> withModules(Identity identity) {
    List<Identity> gone = new ArrayList<>();
    if (identity instanceof DeviceIdentity device && !device.deviceId().equals(deviceId)) {
      all.keySet().stream()
          .filter(each -> each instanceof ModuleIdentity)
          .filter(each -> each.deviceId().equals(device.deviceId()))
          .forEach(gone::add);
    }
    gone.add(identity);
    return gone;
  }

  private CompletionStage<Void> removeAll(List<Identity> gone) {
    CompletionStage<Void> done = CompletableFuture.completedFuture(null);
    for (Identity each : gone) {
      done =
          done.thenComposeAsync(before -> table.remove(each.id()), executor)
              .thenRunAsync(() -> removed(each), executor);
    }
    return done;
  }

  private void removed(Identity identity) {
    all.remove(identity);
    revoked.forEach(listener -> listener.accept(identity));
    deleted.forEach(listener -> listener.accept(identity));
  }

  @Override
  public CompletionStage<Void> declare(Set<String> modules) {
    Set<String> wanted = Set.copyOf(modules);
    return change(() -> declareNow(wanted));
  }

  private CompletionStage<Void> declareNow(Set<String> wanted) throws IdentityException {
    List<CompletableFuture<?>> changes = new ArrayList<>();
    for (String name : wanted) {
      Optional<ModuleIdentity> module = module(name);
      if (module.isPresent() && !all.containsKey(module.get())) {
        changes.add(create(module.get(), Optional.empty(), true).toCompletableFuture());
      }
    }
    List<Identity> gone = new ArrayList<>();
    for (RegisteredIdentity each : all.values()) {
      if (each.declared()
          && each.identity() instanceof ModuleIdentity module
          && !wanted.contains(module.moduleId())) {
        gone.add(module);
      }
    }
    changes.add(removeAll(gone).toCompletableFuture());
    return CompletableFuture.allOf(changes.toArray(CompletableFuture[]::new));
  }

  /** A module of this JVM needs no identity to run; one elsewhere could not have such a name. */
  private Optional<ModuleIdentity> module(String name) {
    try {
      return Optional.of(new ModuleIdentity(deviceId, name));
    } catch (IllegalArgumentException unfit) {
      LOG.warn("Module '{}' gets no identity: {}", name, unfit.getMessage());
      return Optional.empty();
    }
  }

  private interface Change<T> {
    CompletionStage<T> begin() throws IdentityException;
  }

  /** Makes a change when all before it are done. */
  private synchronized <T> CompletionStage<T> change(Change<T> change) {
    CompletionStage<T> next =
        last.handle((done, failure) -> done).thenComposeAsync(done -> begin(change), executor);
    last = next;
    return next;
  }

  private static <T> CompletionStage<T> begin(Change<T> change) {
    try {
      return change.begin();
    } catch (IdentityException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }
}
