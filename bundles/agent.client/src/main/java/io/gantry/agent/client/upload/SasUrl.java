package io.gantry.agent.client.upload;

import io.gantry.agent.client.payload.BadArgumentException;
import io.gantry.spi.identity.Percent;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The address of a container of a blob store, with a signature that lets whoever has it write: so
 * it is told to nobody, and shown without it.
 */
public final class SasUrl {

  /** Where nobody listens in. */
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final String container;
  private final String query;

  private SasUrl(String container, String query) {
    this.container = container;
    this.query = query;
  }

  /** Reads an address. */
  public static SasUrl of(String place, String text) throws BadArgumentException {
    URI uri;
    try {
      uri = new URI(text.strip());
    } catch (URISyntaxException malformed) {
      throw expected(place, "something else");
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    String host = uri.getHost();
    String path = Optional.ofNullable(uri.getRawPath()).orElse("");
    if (host == null || uri.getRawUserInfo() != null || path.replace("/", "").isEmpty()) {
      throw expected(place, "one without host or container, or with a user");
    }
    if (!scheme.equals("https") && !(scheme.equals("http") && LOOPBACK.contains(host))) {
      throw expected(place, "one without encryption");
    }
    String container =
        scheme + "://" + uri.getRawAuthority() + (path.endsWith("/") ? path : path + "/");
    return new SasUrl(container, Optional.ofNullable(uri.getRawQuery()).orElse(""));
  }

  private static BadArgumentException expected(String place, String found) {
    return new BadArgumentException(
        place + ": expected the https address of a container with its signature, found " + found);
  }

  /** The address of a blob in the container. */
  URI blob(List<String> name) {
    return URI.create(path(name) + (query.isEmpty() ? "" : "?" + query));
  }

  /** The address at which something is added to a blob. */
  URI appendTo(List<String> name) {
    return URI.create(path(name) + "?comp=appendblock" + (query.isEmpty() ? "" : "&" + query));
  }

  private String path(List<String> name) {
    StringBuilder path = new StringBuilder(container);
    String between = "";
    for (String part : name) {
      path.append(between);
      Percent.encode(part, path);
      between = "/";
    }
    return path.toString();
  }

  /** Without the signature. */
  @Override
  public String toString() {
    return container;
  }
}
