package io.gantry.security.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Lets every certificate of a client pass. The handshake proves that the client holds its key;
 * whether the certificate is one that we know, by its thumbprint or its authority, is decided with
 * the identity that the client claims, and that comes after the handshake only.
 */
final class AnyClient extends X509ExtendedTrustManager {

  private static void check(X509Certificate[] chain) throws CertificateException {
    if (chain.length > ClientAuthorities.MAX_CHAIN) {
      throw new CertificateException(
          "expected at most "
              + ClientAuthorities.MAX_CHAIN
              + " certificates, found "
              + chain.length);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  /** No names: a client with a certificate of its own making shall show it, too. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("this side is always the server");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }
}
