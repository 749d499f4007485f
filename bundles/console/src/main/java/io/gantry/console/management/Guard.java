package io.gantry.console.management;

import java.util.List;
import java.util.Optional;

/**
 * Who may call. The token keeps other users of this machine out; the check of the host keeps web
 * pages out whose name was made to point at this machine (DNS rebinding).
 */
final class Guard {

  /** What a monitoring system reads. */
  static final String METRICS = "/metrics";

  private final Token token;
  private final Optional<Token> forMetrics;
  private final List<String> hosts;

  /**
   * For a server.
   *
   * @param forMetrics opens the metrics and nothing else
   * @param authority its address and port, as callers write it into {@code Host}
   */
  Guard(Token token, Optional<Token> forMetrics, String authority) {
    this.token = token;
    this.forMetrics = forMetrics;
    String port = authority.substring(authority.lastIndexOf(':'));
    this.hosts = List.of(authority, "localhost" + port, "127.0.0.1" + port, "[::1]" + port);
  }

  void check(Call call) throws ApiException {
    if (!hosts.contains(call.header("Host").orElse(""))) {
      throw new ApiException(403, "this address is for callers on this machine only");
    }
    String shown = call.header("Authorization").orElse(null);
    boolean opens = forMetrics.filter(one -> one.matches(shown)).isPresent();
    if (!token.matches(shown) && !(opens && call.path().equals(METRICS))) {
      throw new ApiException(401, "the token is missing or wrong");
    }
  }
}
