package io.gantry.hub;

import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.RegisteredIdentity;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** A registry that knows whom the test tells it. */
final class FakeIdentities implements IdentityRegistry {

  private final Map<Identity, String> generations = new HashMap<>();

  FakeIdentities with(Identity identity, String generation) {
    generations.put(identity, generation);
    return this;
  }

  void without(Identity identity) {
    generations.remove(identity);
  }

  @Override
  public Optional<RegisteredIdentity> find(Identity identity) {
    return Optional.ofNullable(generations.get(identity))
        .map(
            generation ->
                new RegisteredIdentity(
                    identity,
                    generation,
                    true,
                    false,
                    new AuthenticationMethod.Authority(),
                    Instant.EPOCH));
  }

  @Override
  public List<RegisteredIdentity> list() {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<RegisteredIdentity> create(
      Identity identity, Optional<AuthenticationMethod> method) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<RegisteredIdentity> setEnabled(Identity identity, boolean enabled) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<RegisteredIdentity> regenerateKey(Identity identity, Key key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> delete(Identity identity) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> declare(Set<String> modules) {
    throw new UnsupportedOperationException();
  }
}
