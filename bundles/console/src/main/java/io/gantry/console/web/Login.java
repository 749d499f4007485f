package io.gantry.console.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.apache.felix.webconsole.spi.SecurityProvider;
import org.jspecify.annotations.Nullable;

/**
 * The login of the whole Web Console: HTTP Basic with one user. A browser sends such a login with
 * every request, also with one that a foreign page made, so requests that change something are
 * accepted only from pages of the console itself, and those are shown in no frame of another page.
 */
public class Login implements SecurityProvider {

  /** The only user. */
  public static final String USER = "admin";

  // Names given by the Servlet Whiteboard specification, 140.2.5.
  private static final String AUTHENTICATION_TYPE = "org.osgi.service.http.authentication.type";
  private static final String REMOTE_USER = "org.osgi.service.http.authentication.remote.user";
  private static final String SCHEME = "Basic ";
  private static final Set<String> HARMLESS = Set.of("GET", "HEAD", "OPTIONS");

  private final byte[] expected;

  /** With the password of {@link #USER}. */
  public Login(String password) {
    this.expected = (USER + ":" + password).getBytes(UTF_8);
  }

  @Override
  public @Nullable Object authenticate(HttpServletRequest request, HttpServletResponse response) {
    // In a frame of a foreign page a person could be lured to click what seems to be of that page.
    response.setHeader("X-Frame-Options", "SAMEORIGIN");
    response.setHeader("Content-Security-Policy", "frame-ancestors 'self'");
    response.setHeader("X-Content-Type-Options", "nosniff");
    if (!matches(request.getHeader("Authorization"))) {
      response.setHeader("WWW-Authenticate", "Basic realm=\"Gantry\", charset=\"UTF-8\"");
      end(response, HttpServletResponse.SC_UNAUTHORIZED);
      return null;
    }
    if (!HARMLESS.contains(request.getMethod()) && !fromOwnPage(request)) {
      end(response, HttpServletResponse.SC_FORBIDDEN);
      return null;
    }
    request.setAttribute(AUTHENTICATION_TYPE, HttpServletRequest.BASIC_AUTH);
    request.setAttribute(REMOTE_USER, USER);
    return USER;
  }

  /** Takes the same time whatever is wrong. */
  private boolean matches(@Nullable String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    try {
      byte[] given = Base64.getDecoder().decode(authorization.substring(SCHEME.length()).strip());
      return MessageDigest.isEqual(given, expected);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Browsers say with each request that changes something which page made it; what is no browser
   * says nothing, and nobody can lure it.
   */
  static boolean fromOwnPage(HttpServletRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return false;
    }
    String page =
        Optional.ofNullable(request.getHeader("Origin")).orElse(request.getHeader("Referer"));
    return page == null || authority(page).equals(request.getHeader("Host"));
  }

  private static String authority(String page) {
    try {
      String authority = URI.create(page).getRawAuthority();
      return authority == null ? "" : authority;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static void end(HttpServletResponse response, int status) {
    response.setStatus(status);
    response.setContentLength(0);
    try {
      response.flushBuffer();
    } catch (IOException e) {
      // Who asked has gone; there is nobody to tell.
      return;
    }
  }

  @Override
  public boolean authorize(Object user, String role) {
    return USER.equals(user);
  }

  @Override
  public void logout(HttpServletRequest request, HttpServletResponse response) {
    // Nothing is kept between requests.
  }
}
