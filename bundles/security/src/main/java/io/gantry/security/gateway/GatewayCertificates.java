package io.gantry.security.gateway;

import io.gantry.security.name.HostNames;
import io.gantry.security.pem.ServerKey;
import io.gantry.security.pem.ServerNames;
import io.gantry.security.source.KeySource;
import io.gantry.security.tls.ClientAuthorities;
import io.gantry.security.tls.ServerTls;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.security.Certificates;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the gateway shows and trusts now, and the watch over its expiry. The clock is looked at
 * every few minutes instead of waiting for the day: a gateway's clock may jump by years when it
 * finds its time server.
 */
public final class GatewayCertificates implements Certificates, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(GatewayCertificates.class);
  private static final Duration LOOK = Duration.ofMinutes(10);

  /** Between two complaints about the same thing. */
  private static final Duration PATIENCE = Duration.ofDays(1);

  private final HostNames names;
  private final KeySource source;
  private final List<Path> authorityFiles;
  private final InstantSource clock;
  private final Scheduler scheduler;
  private final SerialExecutor executor;
  private final ServerTls tls;
  private final AtomicReference<ClientAuthorities> clients;
  private final AtomicReference<Cancellable> next = new AtomicReference<>(() -> {});

  /** One renewal at a time: an operator's, or the watch's. */
  private final Lock renewing = new ReentrantLock();

  /** Of the executor: when to complain again. */
  private Instant silentUntil = Instant.MIN;

  /**
   * Opens what there is, or makes it.
   *
   * @param executor for renewals, to be closed with this
   */
  public GatewayCertificates(
      HostNames names,
      KeySource source,
      List<Path> authorityFiles,
      InstantSource clock,
      Scheduler scheduler,
      SerialExecutor executor)
      throws IOException {
    this.names = names;
    this.source = source;
    this.authorityFiles = List.copyOf(authorityFiles);
    this.clock = clock;
    this.scheduler = scheduler;
    this.executor = executor;
    clients = new AtomicReference<>(ClientAuthorities.read(this.authorityFiles));
    tls = new ServerTls(source.open());
  }

  /** Begins to watch. */
  public void start() {
    next.set(scheduler.schedule(LOOK, this::hand));
  }

  private void hand() {
    try {
      executor.execute(this::look);
    } catch (RejectedExecutionException e) {
      LOG.debug("closed: no further looks at the expiry");
    }
  }

  private void look() {
    if (tls.newest().isDue(clock.instant())) {
      try {
        renew();
        complainIfDue();
      } catch (IOException e) {
        complain("cannot renew the certificate of the gateway: " + e.getMessage());
      }
    }
    start();
  }

  private void complainIfDue() {
    ServerKey key = tls.newest();
    if (key.isDue(clock.instant())) {
      complain("the certificate of the gateway has to be replaced: " + key);
    }
  }

  private void complain(String text) {
    Instant now = clock.instant();
    if (!now.isBefore(silentUntil)) {
      silentUntil = now.plus(PATIENCE);
      LOG.warn("{}; tried again every {} minutes", text, LOOK.toMinutes());
    }
  }

  @Override
  public void renew() throws IOException {
    renewing.lock();
    try {
      ClientAuthorities read = ClientAuthorities.read(authorityFiles);
      tls.use(source.renew());
      clients.set(read);
    } finally {
      renewing.unlock();
    }
  }

  @Override
  public String hostName() {
    return names.hostName();
  }

  @Override
  public Set<String> names() {
    Set<String> good = new LinkedHashSet<>();
    good.add(names.hostName());
    good.addAll(ServerNames.of(tls.newest().certificate()));
    return Collections.unmodifiableSet(good);
  }

  @Override
  public SSLContext serverContext() {
    return tls.context();
  }

  @Override
  public List<X509Certificate> chain() {
    return tls.newest().chain();
  }

  @Override
  public Optional<X509Certificate> authority() {
    return source.authority(tls.newest());
  }

  @Override
  public boolean isTrusted(List<X509Certificate> chain) {
    return clients.get().vouchFor(chain, clock.instant());
  }

  @Override
  public void close() {
    next.get().cancel();
    executor.close();
    next.get().cancel();
  }
}
