package io.gantry.spi.identity;

import java.time.Instant;

/**
 * An identity as it stands in the registry.
 *
 * @param identity who
 * @param generationId another one each time an identity of this name is created: what belonged to a
 *     former one is not this one's
 * @param enabled whether it may connect
 * @param declared whether it is there because the deployment declares the module; it goes with it
 * @param method how it proves who it is
 * @param created when
 */
public record RegisteredIdentity(
    Identity identity,
    String generationId,
    boolean enabled,
    boolean declared,
    AuthenticationMethod method,
    Instant created) {}
