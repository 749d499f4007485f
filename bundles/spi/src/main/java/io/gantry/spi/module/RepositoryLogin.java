package io.gantry.spi.module;

import java.util.Optional;

/**
 * Who we are for a repository.
 *
 * @param address of the repository, with or without scheme: it is shown to those addresses that it
 *     is the beginning of, up to a slash, and to nobody else
 * @param username for basic authentication (RFC 7617); empty when the secret is a bearer token
 * @param secret the password, or the bearer token (RFC 6750)
 */
public record RepositoryLogin(String address, Optional<String> username, String secret) {

  /** Without the secret. */
  @Override
  public String toString() {
    return "RepositoryLogin[" + address + "]";
  }
}
