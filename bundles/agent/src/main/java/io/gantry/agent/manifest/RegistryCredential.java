package io.gantry.agent.manifest;

import io.gantry.spi.module.RepositoryLogin;
import java.util.Optional;

/**
 * How to log in at a repository.
 *
 * @param id key in the manifest, without meaning
 * @param address of the repository that it is for
 * @param username user; empty when the secret is a bearer token, which is an extension of ours
 * @param secret password or token; never leaves this record by {@link #toString}
 */
public record RegistryCredential(
    String id, String address, Optional<String> username, String secret) {

  /** What the engine room needs to know. */
  public RepositoryLogin login() {
    return new RepositoryLogin(address, username, secret);
  }

  @Override
  public String toString() {
    return "RegistryCredential["
        + id
        + username.map(user -> ", " + user).orElse("")
        + " at "
        + address
        + "]";
  }
}
