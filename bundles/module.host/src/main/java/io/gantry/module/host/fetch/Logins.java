package io.gantry.module.host.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.module.RepositoryLogin;
import java.net.URI;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Who we are for whom. A login is shown to those addresses that its own is the beginning of, host
 * and port as a whole and the path up to a slash, and only where nobody can listen.
 */
public record Logins(List<RepositoryLogin> logins) {

  /** Nobody. */
  public static final Logins NONE = new Logins(List.of());

  public Logins {
    logins = List.copyOf(logins);
  }

  /** The address of a login, taken apart. */
  private record Scope(Optional<String> scheme, String host, int port, String path) {

    static Optional<Scope> of(String address, URI asked) {
      String lower = address.strip().toLowerCase(Locale.ROOT);
      boolean full = lower.startsWith("http://") || lower.startsWith("https://");
      String text = (full ? "" : asked.getScheme() + "://") + address.strip();
      try {
        URI uri = URI.create(text);
        if (uri.getHost() == null || uri.getRawUserInfo() != null) {
          return Optional.empty();
        }
        String path = uri.getPath().replaceAll("/+$", "");
        return Optional.of(
            new Scope(
                full ? Optional.of(uri.getScheme()) : Optional.empty(),
                uri.getHost(),
                Addresses.port(uri),
                path));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }

    /** A path that climbs is led nowhere: who knows what the server makes of it. */
    boolean covers(URI asked) {
      String sought = asked.getPath();
      return scheme.map(s -> s.equalsIgnoreCase(asked.getScheme())).orElse(true)
          && host.equalsIgnoreCase(asked.getHost())
          && port == Addresses.port(asked)
          && (path.isEmpty() || sought.equals(path) || sought.startsWith(path + "/"))
          && (path.isEmpty() || !(sought + "/").contains("/../"));
    }
  }

  private record Found(RepositoryLogin login, int length) {}

  /**
   * The value of the header Authorization; of several logins the one with the longest path.
   *
   * @throws FetchException when there is a login and it must not be sent there
   */
  Optional<String> authorization(URI asked) throws FetchException {
    Optional<RepositoryLogin> found =
        logins.stream()
            .flatMap(
                login ->
                    Scope.of(login.address(), asked)
                        .filter(scope -> scope.covers(asked))
                        .map(scope -> new Found(login, scope.path().length()))
                        .stream())
            .max(Comparator.comparing(Found::length))
            .map(Found::login);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    if (!Addresses.isSecure(asked) && !Addresses.isLoopback(asked)) {
      throw FetchException.lasting(
          "is asked without encryption, so the credentials for "
              + found.get().address()
              + " are not sent: expected https, or an address of this machine");
    }
    return Optional.of(value(found.get()));
  }

  private static String value(RepositoryLogin login) throws FetchException {
    if (login.username().isPresent()) {
      String pair = login.username().get() + ":" + login.secret();
      return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    }
    if (!login.secret().matches("[\\x21-\\x7e]+")) {
      throw FetchException.lasting(
          "cannot be asked with the token for "
              + login.address()
              + ": it has characters that no token has");
    }
    return "Bearer " + login.secret();
  }
}
