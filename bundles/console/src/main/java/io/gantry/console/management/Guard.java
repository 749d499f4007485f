package io.gantry.console.management;

import java.util.List;

/**
 * Who may call. The token keeps other users of this machine out; the check of the host keeps web
 * pages out whose name was made to point at this machine (DNS rebinding).
 */
final class Guard {

  private final Token token;
  private final List<String> hosts;

  /**
   * For a server.
   *
   * @param authority its address and port, as callers write it into {@code Host}
   */
  Guard(Token token, String authority) {
    this.token = token;
    String port = authority.substring(authority.lastIndexOf(':'));
    this.hosts = List.of(authority, "localhost" + port, "127.0.0.1" + port, "[::1]" + port);
  }

  void check(Call call) throws ApiException {
    if (!hosts.contains(call.header("Host").orElse(""))) {
      throw new ApiException(403, "this address is for callers on this machine only");
    }
    if (!token.matches(call.header("Authorization").orElse(null))) {
      throw new ApiException(401, "the token is missing or wrong");
    }
  }
}
