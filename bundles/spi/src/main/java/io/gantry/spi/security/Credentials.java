package io.gantry.spi.security;

import java.security.cert.X509Certificate;
import java.util.List;

/** What a client shows to prove who it is. */
public sealed interface Credentials {

  /**
   * A text that should be a SAS token.
   *
   * @param text as it was received, bounded by the protocol
   */
  record Token(String text) implements Credentials {

    /** Without the token. */
    @Override
    public String toString() {
      return "Token";
    }
  }

  /**
   * A certificate whose private key the client has shown to hold (the TLS handshake did that).
   *
   * @param chain the client's own first
   */
  record Certificate(List<X509Certificate> chain) implements Credentials {

    public Certificate {
      chain = List.copyOf(chain);
    }
  }
}
