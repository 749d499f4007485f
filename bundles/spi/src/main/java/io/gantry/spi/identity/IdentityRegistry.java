package io.gantry.spi.identity;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Who may connect, on a gateway without an upstream. Changes are durable when their stage
 * completes, and the connections of an identity that is disabled, deleted or has new keys have been
 * told to end by then; they fail with {@link IdentityException}, or with {@code StoreException}.
 * Safe for use by any number of threads.
 */
@ProviderType
public interface IdentityRegistry {

  /** Which of the two keys. */
  enum Key {
    PRIMARY,
    SECONDARY
  }

  /** One identity. Cheap. */
  Optional<RegisteredIdentity> find(Identity identity);

  /** All, by id. */
  List<RegisteredIdentity> list();

  /**
   * Creates an identity, enabled. The device of a module must exist; the gateway's own does always.
   *
   * @param method empty for two fresh random keys; certificates are for devices only
   */
  CompletionStage<RegisteredIdentity> create(
      Identity identity, Optional<AuthenticationMethod> method);

  /** Lets an identity in, or does not and ends its connections; a device with its modules. */
  CompletionStage<RegisteredIdentity> setEnabled(Identity identity, boolean enabled);

  /** Replaces one key by a fresh random one and ends the connections that may have used it. */
  CompletionStage<RegisteredIdentity> regenerateKey(Identity identity, Key key);

  /** Deletes an identity with its twin and what waits for it; a device with its modules. */
  CompletionStage<Void> delete(Identity identity);

  /**
   * Makes sure that these modules of the gateway, and of those that came by this method no others,
   * have identities.
   */
  CompletionStage<Void> declare(Set<String> modules);
}
