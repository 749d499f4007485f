package io.gantry.spi.module;

import java.util.regex.Pattern;

/**
 * Addresses of repositories. Logs, reports and lists show them, so that they must hold no secret.
 */
public final class RepositoryAddress {

  private static final Pattern WITH_SECRET =
      Pattern.compile("(?i)https?://([^/?#]*@|[^?#]*[?#]).*", Pattern.DOTALL);

  private RepositoryAddress() {}

  /**
   * Looks for what may be a secret. The error does not repeat it.
   *
   * @param where the address was found; begins the error
   * @throws IllegalArgumentException when the address has a user name or a query (a token in a
   *     query would not reach the jars beside the index anyway)
   */
  public static void requireNoSecret(String where, String address) {
    if (WITH_SECRET.matcher(address).matches()) {
      throw new IllegalArgumentException(
          where
              + ": expected no user name, password or query in the address of a repository, where"
              + " they would be seen: they belong into the registryCredentials of the deployment");
    }
  }
}
