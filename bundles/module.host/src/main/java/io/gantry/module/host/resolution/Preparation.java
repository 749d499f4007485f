package io.gantry.module.host.resolution;

import io.gantry.module.host.fetch.Addresses;
import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.fetch.FetchException;
import io.gantry.module.host.fetch.Logins;
import io.gantry.module.host.index.Digest;
import io.gantry.module.host.index.IndexedResource;
import io.gantry.module.host.index.IndexedResource.Content;
import io.gantry.module.host.index.JarFolder;
import io.gantry.module.host.repository.Cache;
import io.gantry.module.host.repository.Catalog;
import io.gantry.module.host.repository.Jars;
import io.gantry.module.host.repository.Jars.Order;
import io.gantry.module.host.repository.Repositories;
import io.gantry.module.host.repository.Retention;
import io.gantry.module.host.repository.Supply;
import io.gantry.module.host.resolution.Resolution.Resolved;
import io.gantry.spi.module.FetchProgress;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleForecast.Download;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.wiring.BundleRevision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds, fetches, verifies and resolves a module; changes nothing that runs. Any thread, also
 * several at once, but one at a time for a module.
 */
public final class Preparation {

  private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);
  private static final String CACHE = "the local cache";
  private static final int MOST_SEEN = 1_000;

  private final Repositories repositories;
  private final Cache cache;
  private final Jars jars;
  private final Resolution resolution;
  private final Map<String, Path> seen = new ConcurrentHashMap<>();

  /**
   * What preparing would find.
   *
   * @param module the bundle itself
   * @param prepared what it would lead to; empty when a digest is not known before the download
   * @param downloads what the cache lacks
   */
  public record Outlook(
      IndexedResource module, Optional<PreparedModule> prepared, List<Download> downloads) {}

  /** What a specification means now, without all else that is offered. */
  private record Found(Catalog catalog, Resolved resolved) {}

  public Preparation(Supply supply, Resolution resolution) {
    this.repositories = supply.repositories();
    this.cache = supply.cache();
    this.jars = supply.jars();
    this.resolution = resolution;
  }

  /** Looks, and fetches no bundle. */
  public Outlook look(ModuleSpec spec, Logins logins) throws ModuleException {
    Found found = find(spec, logins, new Cancellation());
    List<Download> downloads = new ArrayList<>();
    List<SharedBundle> shared = new ArrayList<>();
    Resolved resolved = found.resolved();
    Optional<String> own = look(spec, resolved.module(), spec.image().digest(), found, downloads);
    boolean all = own.isPresent();
    for (IndexedResource resource : resolved.download()) {
      Optional<String> sha256 = look(spec, resource, Optional.empty(), found, downloads);
      all &= sha256.isPresent();
      sha256.ifPresent(digest -> shared.add(shared(resource, digest)));
    }
    resolved.shared().forEach(present -> shared.add(shared(present)));
    return new Outlook(
        resolved.module(),
        all ? Optional.of(prepared(spec, resolved, own.orElseThrow(), shared)) : Optional.empty(),
        downloads);
  }

  /** What of a prepared module is not in the cache any more. */
  public List<Download> lost(PreparedModule module) {
    List<Download> lost = new ArrayList<>();
    String from = module.spec().image().repository().orElse("");
    if (!cache.isIntact(module.sha256())) {
      lost.add(new Download(module.spec().image().symbolicName(), module.version(), from, -1));
    }
    for (SharedBundle shared : module.shared()) {
      if (!cache.isIntact(shared.sha256())) {
        lost.add(new Download(shared.symbolicName(), shared.version(), "", -1));
      }
    }
    return lost;
  }

  private Optional<String> look(
      ModuleSpec spec,
      IndexedResource resource,
      Optional<String> pin,
      Found found,
      List<Download> downloads)
      throws ModuleException {
    Order order = order(spec, resource, pin, found);
    try {
      Jars.check(order);
      Optional<String> sha256 = order.expected();
      if (sha256.isEmpty()) {
        try (InputStream in = Jars.open(order.content())) {
          sha256 = Optional.of(Digest.of(in));
        }
      }
      if (!cache.isIntact(sha256.get())) {
        see(sha256.get(), order.content());
        downloads.add(
            new Download(
                resource.symbolicName(),
                resource.version().toString(),
                resource.repository(),
                order.content().size()));
      }
      return sha256;
    } catch (IOException e) {
      throw failure(spec, resource, order.content(), e);
    }
  }

  /** Remembers where a jar was last seen, if it is on this machine. */
  private void see(String sha256, Content content) {
    if (!"file".equals(content.uri().getScheme())) {
      return;
    }
    try {
      Path file = Path.of(content.uri());
      if (seen.size() >= MOST_SEEN) {
        seen.clear();
      }
      seen.put(sha256, file);
    } catch (IllegalArgumentException e) {
      LOG.debug("{} is no file", content.uri(), e);
    }
  }

  /** A jar that is at hand: in the cache, or where a look has found it. */
  public Optional<Path> jar(String sha256) {
    return cache.contains(sha256)
        ? Optional.of(cache.path(sha256))
        : Optional.ofNullable(seen.get(sha256));
  }

  /** Prepares by the module's pull policy; may take long. */
  public PreparedModule prepare(
      ModuleSpec spec, Logins logins, Cancellation cancellation, FetchProgress progress)
      throws ModuleException {
    Found found = find(spec, logins, cancellation);
    Resolved resolved = found.resolved();
    String name = spec.name();
    List<SharedBundle> shared = new ArrayList<>();
    // What was fetched for another version of it, of which nothing came, is needed no more.
    cache.claimOnly(name, expected(spec, resolved));
    Progress sum = progress(spec, found, progress);
    Bringing bringing = new Bringing(spec, found, logins, cancellation, sum);
    String sha256 = bringing.bring(resolved.module(), spec.image().digest());
    for (IndexedResource resource : resolved.download()) {
      shared.add(shared(resource, bringing.bring(resource, Optional.empty())));
    }
    resolved.shared().forEach(present -> shared.add(shared(present)));
    PreparedModule prepared = prepared(spec, resolved, sha256, shared);
    cache.claimOnly(name, Retention.digests(prepared));
    return prepared;
  }

  /** The digests of all that is needed, as far as they are known before it comes. */
  private static Set<String> expected(ModuleSpec spec, Resolved resolved) throws ModuleException {
    Set<String> digests = new HashSet<>();
    resolved.shared().forEach(present -> digests.add(shared(present).sha256()));
    spec.image().digest().ifPresent(digests::add);
    content(spec, resolved.module()).sha256().ifPresent(digests::add);
    for (IndexedResource resource : resolved.download()) {
      content(spec, resource).sha256().ifPresent(digests::add);
    }
    return digests;
  }

  /** By the pull policy; without the repositories only what can be meant in one way. */
  private Found find(ModuleSpec spec, Logins logins, Cancellation cancellation)
      throws ModuleException {
    if (spec.pull() == PullPolicy.NEVER) {
      return findInCache(spec, cancellation);
    }
    Catalog catalog;
    try {
      catalog = repositories.read(spec.image().repository(), logins, cancellation);
    } catch (FetchException e) {
      throw new ModuleException(
          "module " + spec.name() + ": its preparation " + e.getMessage(), e, e.temporary());
    }
    try {
      return new Found(
          catalog.withoutResources(),
          resolution.resolve(spec.name(), spec.image(), catalog, cancellation));
    } catch (ModuleException e) {
      if (catalog.unreadable().isEmpty() || !isExact(spec.image())) {
        throw e;
      }
      return findInCache(spec, catalog, cancellation, e);
    }
  }

  private static boolean isExact(ImageReference image) {
    return image.digest().isPresent()
        || image.version().filter(v -> Character.isDigit(v.charAt(0))).isPresent();
  }

  private Found findInCache(
      ModuleSpec spec, Catalog catalog, Cancellation cancellation, ModuleException refusal)
      throws ModuleException {
    try {
      Found found = findInCache(spec, cancellation);
      LOG.warn(
          "module {}: {} cannot be read; version {} is taken from the local cache",
          spec.name(),
          catalog.unreadable().keySet(),
          found.resolved().module().version());
      return found;
    } catch (ModuleException e) {
      throw refusal;
    }
  }

  private Found findInCache(ModuleSpec spec, Cancellation cancellation) throws ModuleException {
    ImageReference image = spec.image();
    ImageReference anywhere =
        new ImageReference(Optional.empty(), image.symbolicName(), image.version(), image.digest());
    try {
      Catalog all = Catalog.of(CACHE, cache.bundles());
      return new Found(
          all.withoutResources(), resolution.resolve(spec.name(), anywhere, all, cancellation));
    } catch (IOException e) {
      throw new ModuleException(
          "module " + spec.name() + ": the local cache cannot be read: " + e.getMessage(), e);
    }
  }

  // ---- fetching ----------------------------------------------------------------------------

  /** Brings the jars of one module, one after another. */
  private final class Bringing {

    private final ModuleSpec spec;
    private final Found found;
    private final Logins logins;
    private final Cancellation cancellation;
    private final Progress progress;

    Bringing(
        ModuleSpec spec, Found found, Logins logins, Cancellation cancellation, Progress progress) {
      this.spec = spec;
      this.found = found;
      this.logins = logins;
      this.cancellation = cancellation;
      this.progress = progress;
    }

    String bring(IndexedResource resource, Optional<String> pin) throws ModuleException {
      Order order = order(spec, resource, pin, found);
      try {
        cancellation.check();
        boolean lacking = order.expected().filter(cache::isIntact).isEmpty();
        String sha256 = jars.bring(order, logins, cancellation, progress::of);
        progress.next(order.content().size());
        compare(resource, sha256);
        if (lacking) {
          LOG.info("module {}: {} fetched from {}", spec.name(), resource, resource.repository());
        }
        return sha256;
      } catch (IOException e) {
        throw failure(spec, resource, order.content(), e);
      }
    }
  }

  /** Resolved was what the index says of the bundle; installed will be what the jar says. */
  private void compare(IndexedResource resource, String sha256) throws FetchException {
    IndexedResource found;
    try {
      found = JarFolder.bundle(CACHE, cache.path(sha256), Optional.of(sha256));
    } catch (IOException e) {
      throw FetchException.lasting("is no bundle that could be installed: " + e.getMessage());
    }
    if (!found.toString().equals(resource.toString())) {
      throw FetchException.lasting("is not what its index says: the jar is " + found);
    }
  }

  private Progress progress(ModuleSpec spec, Found found, FetchProgress progress)
      throws ModuleException {
    List<IndexedResource> all = new ArrayList<>(List.of(found.resolved().module()));
    all.addAll(found.resolved().download());
    long total = 0;
    for (IndexedResource resource : all) {
      long size = content(spec, resource).size();
      total = total < 0 || size < 0 ? -1 : total + size;
    }
    return new Progress(progress, total);
  }

  /** What the cache has may have come from anywhere: it is asked for what its origin would be. */
  private Order order(ModuleSpec spec, IndexedResource resource, Optional<String> pin, Found found)
      throws ModuleException {
    Content content = content(spec, resource);
    Optional<String> origin =
        resource == found.resolved().module() ? spec.image().repository() : Optional.empty();
    boolean signed =
        resource.repository().equals(CACHE)
            ? repositories.demandsSignature(origin)
            : found.catalog().isSigned(resource.repository());
    return new Order(spec.name(), resource.repository(), content, pin.or(content::sha256), signed);
  }

  private static Content content(ModuleSpec spec, IndexedResource resource) throws ModuleException {
    return resource
        .content()
        .orElseThrow(
            () ->
                new ModuleException(
                    "module "
                        + spec.name()
                        + ": "
                        + resource.repository()
                        + " does not say where to fetch "
                        + resource));
  }

  /** A disk that cannot be written or read now, for it is full perhaps, can be later. */
  private static ModuleException failure(
      ModuleSpec spec, IndexedResource resource, Content content, IOException e) {
    String from =
        Addresses.isRemote(content.uri())
            ? Addresses.shown(content.uri())
            : content.uri().toString();
    String text = "module " + spec.name() + ": " + resource + " from " + from + " ";
    return e instanceof FetchException fetch
        ? new ModuleException(text + e.getMessage(), e, fetch.temporary())
        : new ModuleException(text + "cannot be brought into the local cache: " + e, e, true);
  }

  private static PreparedModule prepared(
      ModuleSpec spec, Resolved resolved, String sha256, List<SharedBundle> shared) {
    return new PreparedModule(spec, version(resolved), sha256, shared, resolved.singletons());
  }

  private static String version(Resolved resolved) {
    return resolved.module().version().toString();
  }

  private static SharedBundle shared(IndexedResource resource, String sha256) {
    return new SharedBundle(resource.symbolicName(), resource.version().toString(), sha256);
  }

  private static SharedBundle shared(BundleRevision present) {
    return new SharedBundle(
        present.getSymbolicName(),
        present.getVersion().toString(),
        Locations.sharedDigest(present.getBundle()).orElseThrow());
  }
}
