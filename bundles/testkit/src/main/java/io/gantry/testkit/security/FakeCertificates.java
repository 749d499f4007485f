package io.gantry.testkit.security;

import io.gantry.spi.security.Certificates;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Certificates of an authority that exists for tests only, made once and good for a hundred years:
 * one for {@code localhost} and {@code 127.0.0.1}, and one of the device {@code thermo1}.
 */
public final class FakeCertificates implements Certificates {

  private static final char[] PASSWORD = "testing".toCharArray();

  private static KeyStore store(String name) {
    try (InputStream in = FakeCertificates.class.getResourceAsStream(name)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD);
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(name, e);
    }
  }

  private static KeyManager[] keys(String name) throws GeneralSecurityException {
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store(name), PASSWORD);
    return factory.getKeyManagers();
  }

  @Override
  public String hostName() {
    return "localhost";
  }

  @Override
  public Set<String> names() {
    return Set.of("localhost", "127.0.0.1");
  }

  @Override
  public SSLContext serverContext() {
    return context("server.p12", new TrustManager[] {new TakesAny()});
  }

  /** For a client that trusts the authority and shows nothing. */
  public SSLContext clientContext() {
    return context(null, trust());
  }

  /** For a client that shows the certificate of the device {@code thermo1}, too. */
  public SSLContext deviceContext() {
    return context("thermo1.p12", trust());
  }

  /** What a client shows to be taken for the device {@code thermo1}, whomever it trusts. */
  public KeyManager[] deviceKeys() {
    try {
      return keys("thermo1.p12");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TrustManager[] trust() {
    try {
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store("authority.p12"));
      return factory.getTrustManagers();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SSLContext context(@Nullable String name, TrustManager[] trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(name == null ? null : keys(name), trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<X509Certificate> chain(String store, String alias) {
    try {
      return Arrays.stream(store(store).getCertificateChain(alias))
          .map(X509Certificate.class::cast)
          .toList();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<X509Certificate> chain() {
    return chain("server.p12", "server");
  }

  /** What the device {@code thermo1} shows. */
  public List<X509Certificate> deviceChain() {
    return chain("thermo1.p12", "thermo1");
  }

  @Override
  public Optional<X509Certificate> authority() {
    List<X509Certificate> chain = chain();
    return Optional.of(chain.get(chain.size() - 1));
  }

  @Override
  public boolean isTrusted(List<X509Certificate> chain) {
    return chain.equals(deviceChain());
  }

  @Override
  public void renew() throws IOException {
    throw new IOException("these certificates are not renewed");
  }

  /** As the contract says: whether a client's certificate is trusted is asked later. */
  private static final class TakesAny extends X509ExtendedTrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      throw new UnsupportedOperationException();
    }
  }
}
