package io.gantry.security.gateway;

import io.gantry.security.pem.ServerKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A connection of a client that trusts one authority and verifies the name that it means. */
final class TlsClient implements AutoCloseable {

  private static final int LIMIT_MILLIS = 60_000;

  private final SSLSocket socket;

  private TlsClient(SSLSocket socket) {
    this.socket = socket;
  }

  /** How a client is set up. */
  record Setup(
      X509Certificate trusted,
      List<String> protocols,
      String verified,
      List<String> askedFor,
      @Nullable ServerKey shown) {

    Setup protocols(String... names) {
      return new Setup(trusted, List.of(names), verified, askedFor, shown);
    }

    Setup verifying(String name) {
      return new Setup(trusted, protocols, name, askedFor, shown);
    }

    Setup askingFor(String name) {
      return new Setup(trusted, protocols, verified, List.of(name), shown);
    }

    Setup showing(ServerKey key) {
      return new Setup(trusted, protocols, verified, askedFor, key);
    }

    /** A client of a process of its own: it resumes nothing. */
    TlsClient connect(int port) throws IOException, GeneralSecurityException {
      return TlsClient.connect(this, port);
    }
  }

  /** Both versions of TLS, verifies {@code localhost}, sends no name and no certificate. */
  static Setup trusting(X509Certificate authority) {
    return new Setup(authority, List.of("TLSv1.3", "TLSv1.2"), "localhost", List.of(), null);
  }

  private static TlsClient connect(Setup setup, int port)
      throws IOException, GeneralSecurityException {
    Socket plain = new Socket();
    plain.setSoTimeout(LIMIT_MILLIS);
    plain.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), LIMIT_MILLIS);
    SSLSocket socket =
        (SSLSocket)
            context(setup).getSocketFactory().createSocket(plain, setup.verified, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(setup.protocols.toArray(new String[0]));
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    List<SNIServerName> asked =
        setup.askedFor.stream().<SNIServerName>map(SNIHostName::new).toList();
    parameters.setServerNames(asked);
    socket.setSSLParameters(parameters);
    TlsClient client = new TlsClient(socket);
    try {
      socket.startHandshake();
      client.echo(1);
      return client;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static SSLContext context(Setup setup) throws IOException, GeneralSecurityException {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("authority", setup.trusted);
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys(setup.shown), factory.getTrustManagers(), null);
    return context;
  }

  private static KeyManager @Nullable [] keys(@Nullable ServerKey shown)
      throws IOException, GeneralSecurityException {
    if (shown == null) {
      return null;
    }
    char[] password = "testing".toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("own", shown.key(), password, shown.chain().toArray(new Certificate[0]));
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store, password);
    return factory.getKeyManagers();
  }

  /** Sends a byte and waits for it: with TLS 1.3 a client learns only so that it was let in. */
  void echo(int b) throws IOException {
    socket.getOutputStream().write(b);
    int back = socket.getInputStream().read();
    if (back != b) {
      throw new IOException("expected " + b + " back, found " + back);
    }
  }

  String protocol() {
    return socket.getSession().getProtocol();
  }

  X509Certificate server() throws IOException {
    return (X509Certificate) socket.getSession().getPeerCertificates()[0];
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
