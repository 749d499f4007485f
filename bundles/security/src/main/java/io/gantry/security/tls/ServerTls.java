package io.gantry.security.tls;

import io.gantry.security.pem.ServerKey;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;

/**
 * The server's side of TLS 1.2 and 1.3. A client that comes back may resume its session, which
 * spares the signature; most carry it in a ticket of their own. For those that do not, the JDK
 * would keep 20,480 of them for a day.
 */
public final class ServerTls {

  private static final int SESSIONS = 1000;

  /** A resumed session shows no certificate, so this is also how long a renewal may go unseen. */
  private static final Duration SESSION_LIFE = Duration.ofHours(1);

  private final NewestKeyManager keys;
  private final SSLContext context;

  public ServerTls(ServerKey first) {
    keys = new NewestKeyManager(first);
    context = context(keys);
  }

  private static SSLContext context(KeyManager keys) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {keys}, new TrustManager[] {new AnyClient()}, null);
      SSLSessionContext sessions = context.getServerSessionContext();
      sessions.setSessionCacheSize(SESSIONS);
      sessions.setSessionTimeout((int) SESSION_LIFE.toSeconds());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has TLS", e);
    }
  }

  /** The same one always. */
  public SSLContext context() {
    return context;
  }

  /** From now on for every new handshake. */
  public void use(ServerKey key) {
    keys.use(key);
  }

  /** What a new handshake gets. */
  public ServerKey newest() {
    return keys.newest();
  }
}
