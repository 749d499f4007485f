package io.gantry.security;

import io.gantry.security.gateway.GatewayCertificates;
import io.gantry.security.name.HostNames;
import io.gantry.security.source.GivenKeys;
import io.gantry.security.source.KeySource;
import io.gantry.security.source.OwnKeys;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.security.Certificates;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Offers the certificates of the gateway: its own, or those that the operator gave. */
@Component(
    configurationPid = "io.gantry.security",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    immediate = true)
public final class CertificatesComponent implements Certificates {

  /** What an operator may set. */
  @interface Config {
    /** Where keys and certificates of our own making lie. */
    String directory();

    /** The name by which clients reach this gateway; empty for the machine's. */
    String hostName() default "";

    /** Further names and addresses. */
    String[] names() default {};

    /** Instead of our own: a PEM file with the certificate and its issuers. */
    String certificate() default "";

    /** Its key. */
    String key() default "";

    /** PEM files of those that vouch for clients. */
    String[] clientAuthorities() default {};
  }

  private final GatewayCertificates certificates;

  @Activate
  public CertificatesComponent(
      Config config,
      @Reference InstantSource clock,
      @Reference Scheduler scheduler,
      @Reference Threads threads)
      throws IOException {
    HostNames names = HostNames.of(config.hostName(), Arrays.asList(config.names()));
    KeySource source = source(config, names, clock);
    List<Path> authorities =
        Arrays.stream(config.clientAuthorities()).filter(f -> !f.isBlank()).map(Path::of).toList();
    certificates =
        new GatewayCertificates(
            names, source, authorities, clock, scheduler, threads.serial("certificates"));
    certificates.start();
  }

  private static KeySource source(Config config, HostNames names, InstantSource clock) {
    String certificate = config.certificate();
    if (certificate.isBlank() != config.key().isBlank()) {
      throw new IllegalArgumentException(
          "certificate and key: expected both or none, found '%s' and '%s'"
              .formatted(certificate, config.key()));
    }
    return certificate.isBlank()
        ? new OwnKeys(Path.of(config.directory()), names, clock)
        : new GivenKeys(Path.of(certificate), Path.of(config.key()), names, clock);
  }

  @Deactivate
  void deactivate() {
    certificates.close();
  }

  @Override
  public String hostName() {
    return certificates.hostName();
  }

  @Override
  public Set<String> names() {
    return certificates.names();
  }

  @Override
  public SSLContext serverContext() {
    return certificates.serverContext();
  }

  @Override
  public List<X509Certificate> chain() {
    return certificates.chain();
  }

  @Override
  public Optional<X509Certificate> authority() {
    return certificates.authority();
  }

  @Override
  public boolean isTrusted(List<X509Certificate> chain) {
    return certificates.isTrusted(chain);
  }

  @Override
  public void renew() throws IOException {
    certificates.renew();
  }
}
