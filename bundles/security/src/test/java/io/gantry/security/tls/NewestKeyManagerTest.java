package io.gantry.security.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.gantry.security.Made;
import io.gantry.security.pem.ServerKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;

class NewestKeyManagerTest {

  private final ServerKey first = Made.of("first").make();
  private final ServerKey second = Made.of("second").algorithm("RSA").make();
  private final NewestKeyManager keys = new NewestKeyManager(first);

  private static SSLEngine engine() throws Exception {
    return SSLContext.getDefault().createSSLEngine();
  }

  /** A handshake asks three times; the answers must belong together. */
  @Test
  void aRenewalInTheMiddleOfAHandshakeMixesNothing() throws Exception {
    String alias = keys.chooseEngineServerAlias("EC", null, engine());

    keys.use(second);

    assertNotNull(alias);
    assertEquals(first.key(), keys.getPrivateKey(alias));
    assertArrayEquals(
        first.chain().toArray(new X509Certificate[0]), keys.getCertificateChain(alias));
  }

  @Test
  void theNextHandshakeGetsTheNewestOfTheKindThatItAsksFor() throws Exception {
    keys.use(second);

    assertNull(keys.chooseEngineServerAlias("EC", null, engine()));
    String alias = keys.chooseEngineServerAlias("RSA", null, engine());
    assertNotNull(alias);
    assertEquals(second.key(), keys.getPrivateKey(alias));
  }

  @Test
  void aKeyOfLongAgoIsForgotten() throws Exception {
    String alias = keys.chooseEngineServerAlias("EC", null, engine());
    assertNotNull(alias);
    keys.use(second);
    keys.use(Made.of("third").make());

    assertNull(keys.getPrivateKey(alias));
    assertNull(keys.getCertificateChain(alias));
  }
}
