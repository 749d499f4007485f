package io.gantry.module.host.fetch;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;

/** Facts about addresses. */
public final class Addresses {

  private static final Set<String> LOOPBACK = Set.of("localhost", "::1", "[::1]");

  private Addresses() {}

  /** Whether the address is asked over a network. */
  public static boolean isRemote(String address) {
    String lower = address.toLowerCase(Locale.ROOT);
    return lower.startsWith("http:") || lower.startsWith("https:");
  }

  /** As above. */
  public static boolean isRemote(URI uri) {
    return isRemote(uri.toString());
  }

  /** For texts and logs: without the query, which may be a secret in itself. */
  public static String shown(URI uri) {
    int port = uri.getPort();
    return uri.getScheme()
        + "://"
        + uri.getHost()
        + (port < 0 ? "" : ":" + port)
        + (uri.getRawPath() == null ? "" : uri.getRawPath());
  }

  /**
   * A remote address as URI.
   *
   * @throws FetchException when it is none that could be asked
   */
  public static URI remote(String address) throws FetchException {
    try {
      return checked(new URI(address));
    } catch (URISyntaxException e) {
      throw FetchException.lasting("is no address: " + e.getReason());
    }
  }

  /** Looks at what is about to be asked. */
  static URI checked(URI uri) throws FetchException {
    if (!isRemote(uri) || uri.getHost() == null || uri.getPort() > 0xffff) {
      throw FetchException.lasting("is no address: expected http(s)://host/path");
    }
    if (uri.getRawUserInfo() != null) {
      throw FetchException.lasting(
          "has a user name or password in its address, where they would be seen: credentials"
              + " belong into the registryCredentials of the deployment");
    }
    return uri;
  }

  /** Whether the address is asked with encryption. */
  public static boolean isSecure(String address) {
    return address.toLowerCase(Locale.ROOT).startsWith("https:");
  }

  /** As above. */
  public static boolean isSecure(URI uri) {
    return isSecure(uri.toString());
  }

  static boolean isLoopback(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    return LOOPBACK.contains(host) || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
  }

  static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : isSecure(uri) ? 443 : 80;
  }
}
