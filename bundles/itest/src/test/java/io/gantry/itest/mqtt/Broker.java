package io.gantry.itest.mqtt;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.gantry.itest.distribution.Distribution;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.TrustManagerFactory;

/** The local broker of what ships, as its clients see it: doors, an authority to trust, logins. */
final class Broker implements AutoCloseable {

  /** The topics of these tests are below plant, and the will of some to see more has to fail. */
  private static final List<String> RULES = List.of("* use plant/#", "* subscribe #");

  private static final String MQTT = "io.gantry.mqtt";

  private final Distribution distribution;
  private final TrustManagerFactory trust;
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  private Broker(Distribution distribution, TrustManagerFactory trust) {
    this.distribution = distribution;
    this.trust = trust;
  }

  /** Starts the distribution, with rules for these tests. */
  static Broker start(Distribution distribution) {
    distribution.folder().configure(MQTT, "topicRules", RULES);
    distribution.start();
    return of(distribution);
  }

  /** Of a distribution that runs. */
  static Broker of(Distribution distribution) {
    return new Broker(distribution, trust(distribution.cli("certificate", "export-ca").out()));
  }

  private static TrustManagerFactory trust(String pem) {
    try {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      trusted.setCertificateEntry(
          "gateway",
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(pem.getBytes(US_ASCII))));
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted);
      return factory;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The authority that the gateway has exported. */
  TrustManagerFactory trust() {
    return trust;
  }

  Distribution distribution() {
    return distribution;
  }

  /** Lets a client in by this name; answers the name. */
  String known(String id) {
    if (known.add(id)) {
      distribution.introduce(id);
    }
    return id;
  }

  /** Where a client connects to. */
  Target target(Door door) {
    return door == Door.PLAIN
        ? new Target(distribution.folder().port(MQTT), Optional.empty())
        : new Target(
            URI.create(distribution.report().endpoints().get("mqtts")).getPort(),
            Optional.of(trust));
  }

  int port() {
    return target(Door.PLAIN).port();
  }

  /** A client that is not connected yet. */
  ThirdPartyClient client(Library library, Door door, String id) throws Exception {
    return library.client(target(door), known(id));
  }

  /** A client that is connected and forgets its session. */
  ThirdPartyClient connect(Library library, Door door, String id) throws Exception {
    ThirdPartyClient client = client(library, door, id);
    client.connect(true);
    return client;
  }

  /** The same by the plain door. */
  ThirdPartyClient connect(Library library, String id) throws Exception {
    return connect(library, Door.PLAIN, id);
  }

  /** Logs in without a library. */
  RawClient raw(String id) throws IOException {
    return RawClient.open(port()).login(known(id));
  }

  @Override
  public void close() {
    distribution.close();
  }
}
