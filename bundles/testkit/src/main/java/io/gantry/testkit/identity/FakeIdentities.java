package io.gantry.testkit.identity;

import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityException;
import io.gantry.spi.identity.IdentityException.Kind;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.RegisteredIdentity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Identities in memory; the keys are the same in every run. Whoever declares modules says in a
 * subclass what becomes of that.
 */
public class FakeIdentities implements IdentityRegistry {

  /** The keys of an identity, and the one that takes the place of either. */
  public static final String PRIMARY = "cHJpbWFyeS1wcmltYXJ5";

  public static final String SECONDARY = "c2Vjb25kYXJ5LXNlY29u";
  public static final String FRESH = "ZnJlc2gtZnJlc2gtZnJl";

  private final TreeMap<String, RegisteredIdentity> identities = new TreeMap<>();

  /** Why nothing can be changed. */
  public Optional<Exception> failure = Optional.empty();

  /** There is an identity of this generation, whatever was there before. */
  public final FakeIdentities with(Identity identity, String generation) {
    identities.put(identity.id(), fresh(identity, generation, Optional.empty()));
    return this;
  }

  private static RegisteredIdentity fresh(
      Identity identity, String generation, Optional<AuthenticationMethod> method) {
    return new RegisteredIdentity(
        identity,
        generation,
        true,
        false,
        method.orElse(new SasKeys(PRIMARY, SECONDARY)),
        Instant.parse("2026-01-01T00:00:00Z"));
  }

  @Override
  public Optional<RegisteredIdentity> find(Identity identity) {
    return Optional.ofNullable(identities.get(identity.id()));
  }

  @Override
  public List<RegisteredIdentity> list() {
    return List.copyOf(identities.values());
  }

  @Override
  public CompletionStage<RegisteredIdentity> create(
      Identity identity, Optional<AuthenticationMethod> method) {
    if (find(identity).isPresent()) {
      return failed(Kind.EXISTS, identity, "there is one already");
    }
    return put(fresh(identity, "g1", method));
  }

  @Override
  public CompletionStage<RegisteredIdentity> setEnabled(Identity identity, boolean enabled) {
    Optional<RegisteredIdentity> one = find(identity);
    return one.isPresent()
        ? put(with(one.get(), enabled, one.get().method()))
        : failed(Kind.NOT_FOUND, identity, "there is none");
  }

  @Override
  public CompletionStage<RegisteredIdentity> regenerateKey(Identity identity, Key key) {
    Optional<RegisteredIdentity> one = find(identity);
    if (one.isEmpty()) {
      return failed(Kind.NOT_FOUND, identity, "there is none");
    }
    if (!(one.get().method() instanceof SasKeys keys)) {
      return failed(Kind.INVALID, identity, "it has no keys");
    }
    SasKeys changed =
        key == Key.PRIMARY
            ? new SasKeys(FRESH, keys.secondary())
            : new SasKeys(keys.primary(), FRESH);
    return put(with(one.get(), one.get().enabled(), changed));
  }

  @Override
  public CompletionStage<Void> delete(Identity identity) {
    return identities.remove(identity.id()) == null
        ? failed(Kind.NOT_FOUND, identity, "there is none")
        : CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Void> declare(Set<String> modules) {
    throw new UnsupportedOperationException();
  }

  private static RegisteredIdentity with(
      RegisteredIdentity one, boolean enabled, AuthenticationMethod method) {
    return new RegisteredIdentity(
        one.identity(), one.generationId(), enabled, one.declared(), method, one.created());
  }

  private CompletionStage<RegisteredIdentity> put(RegisteredIdentity one) {
    if (failure.isPresent()) {
      return CompletableFuture.failedFuture(failure.get());
    }
    identities.put(one.identity().id(), one);
    return CompletableFuture.completedFuture(one);
  }

  private static <T> CompletionStage<T> failed(Kind kind, Identity identity, String text) {
    return CompletableFuture.failedFuture(
        new IdentityException(kind, "identity " + identity.id() + ": " + text));
  }
}
