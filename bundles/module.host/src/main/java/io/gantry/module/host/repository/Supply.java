package io.gantry.module.host.repository;

import io.gantry.module.host.fetch.Http;
import io.gantry.module.host.fetch.Logins;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.RepositoryRegistry;
import io.gantry.spi.store.TableStore;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;

/** Puts together what bundles come from: repositories, downloads and the local cache. */
public final class Supply implements AutoCloseable {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
  private static final String TABLE = "repositories";

  private final Http http;
  private final Cache cache;
  private final Jars jars;
  private final Repositories repositories;
  private final Retention retention;
  private final Registry registry;
  private final AtomicReference<Logins> logins = new AtomicReference<>(Logins.NONE);

  /** What is taken from others. */
  public record Services(
      TableStore tables, InstantSource clock, Scheduler scheduler, Threads threads) {}

  /**
   * @param folder of the cache
   * @param executor for who looks at repositories, which may take long
   */
  public Supply(RepositorySettings settings, Path folder, Services services, Executor executor)
      throws IOException {
    Set<X509Certificate> signers = PemFiles.read("trustedSigners", settings.trustedSigners());
    Optional<SSLContext> trust =
        PemFiles.context(PemFiles.read("repositoryAuthorities", settings.authorities()));
    http =
        new Http(
            new Http.Limits(CONNECT_LIMIT, settings.stallTimeLimit()),
            trust,
            services.scheduler(),
            services.threads());
    cache = new Cache(folder);
    jars =
        new Jars(
            cache,
            new Partials(folder.resolve("partial")),
            http,
            new TrustedSigners(signers, services.clock()));
    Sources sources = new Sources(settings.repositories(), services.tables().table(TABLE));
    repositories =
        new Repositories(
            sources,
            new RemoteIndex(http, new KeptIndexes(folder.resolve("index")), services.clock()),
            settings.dropIns().map(Path::toString));
    retention = new Retention(cache, jars);
    registry =
        new Registry(
            sources,
            repositories,
            retention,
            logins::get,
            services.clock(),
            services.scheduler(),
            executor);
  }

  public Cache cache() {
    return cache;
  }

  public Jars jars() {
    return jars;
  }

  public Repositories repositories() {
    return repositories;
  }

  public Retention retention() {
    return retention;
  }

  /** The service. */
  public RepositoryRegistry registry() {
    return registry;
  }

  /** Who lists repositories brings no logins. */
  public void use(Logins known) {
    logins.set(known);
  }

  @Override
  public void close() {
    http.close();
  }
}
