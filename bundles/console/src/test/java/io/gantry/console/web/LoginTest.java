package io.gantry.console.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Base64;
import org.junit.jupiter.api.Test;

class LoginTest {

  private final Login login = new Login("correct-horse");
  private final Servlets web = new Servlets();

  private Object authenticate(String user, String password) {
    web.headers.put(
        "Authorization",
        "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8)));
    return login.authenticate(web.request(), web.response());
  }

  @Test
  void theRightPasswordLetsIn() {
    assertEquals("admin", authenticate("admin", "correct-horse"));
    assertTrue(login.authorize("admin", "any"));
  }

  @Test
  void anythingElseIsAskedForTheLogin() {
    assertNull(authenticate("admin", "admin"));
    assertNull(authenticate("root", "correct-horse"));
    assertNull(authenticate("admin", ""));
    web.headers.put("Authorization", "Basic %%%");
    assertNull(login.authenticate(web.request(), web.response()));
    web.headers.clear();
    assertNull(login.authenticate(web.request(), web.response()));
    assertEquals(401, web.status);
    assertTrue(web.answered.get("WWW-Authenticate").startsWith("Basic realm="));
  }

  /** The browser adds the login to whatever a foreign page sends. */
  @Test
  void aChangeThatAForeignPageMadeIsRefusedDespiteTheLogin() {
    web.method = "POST";
    web.headers.put("Host", "127.0.0.1:8080");
    web.headers.put("Origin", "http://evil.example");
    assertNull(authenticate("admin", "correct-horse"));
    assertEquals(403, web.status);
    web.headers.put("Origin", "null");
    assertNull(authenticate("admin", "correct-horse"));
    web.headers.remove("Origin");
    web.headers.put("Referer", "http://evil.example/x");
    assertNull(authenticate("admin", "correct-horse"));
    web.headers.remove("Referer");
    web.headers.put("Sec-Fetch-Site", "cross-site");
    assertNull(authenticate("admin", "correct-horse"));
  }

  /** What is clicked in a frame comes from the framed page itself. */
  @Test
  void noPageOfTheConsoleIsShownInAForeignFrame() {
    assertEquals("admin", authenticate("admin", "correct-horse"));
    assertEquals("SAMEORIGIN", web.answered.get("X-Frame-Options"));
    assertEquals("frame-ancestors 'self'", web.answered.get("Content-Security-Policy"));
    assertEquals("nosniff", web.answered.get("X-Content-Type-Options"));
  }

  @Test
  void aChangeFromOwnPagesAndFromToolsIsLetIn() {
    web.method = "POST";
    web.headers.put("Host", "127.0.0.1:8080");
    assertEquals("admin", authenticate("admin", "correct-horse"));
    web.headers.put("Origin", "http://127.0.0.1:8080");
    web.headers.put("Sec-Fetch-Site", "same-origin");
    assertEquals("admin", authenticate("admin", "correct-horse"));
  }
}
