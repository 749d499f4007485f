package io.gantry.module.host.resolution;

import io.gantry.module.host.index.IndexedResource;
import io.gantry.module.host.index.IndexedResource.Content;
import io.gantry.module.host.repository.Cache;
import io.gantry.module.host.repository.Catalog;
import io.gantry.module.host.repository.Records;
import io.gantry.module.host.repository.Repositories;
import io.gantry.module.host.resolution.Resolution.Resolved;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.framework.wiring.BundleRevision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds, fetches, verifies and resolves a module; changes nothing that runs. Any thread, also
 * several at once, but one at a time for a module.
 */
public final class Preparation {

  private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);

  private final Repositories repositories;
  private final Cache cache;
  private final Records records;
  private final Resolution resolution;

  public Preparation(
      Repositories repositories, Cache cache, Records records, Resolution resolution) {
    this.repositories = repositories;
    this.cache = cache;
    this.records = records;
    this.resolution = resolution;
  }

  /** Prepares by the module's pull policy; may take long. */
  public PreparedModule prepare(ModuleSpec spec) throws ModuleException {
    if (spec.pull() == PullPolicy.NEVER) {
      Optional<PreparedModule> known = records.find(spec);
      return known.isPresent() ? known.get() : fromCache(spec);
    }
    Catalog catalog = repositories.read(spec.image().repository());
    try {
      return prepare(spec, catalog);
    } catch (ModuleException e) {
      if (catalog.unreadable().isEmpty()) {
        throw e;
      }
      return asBefore(spec, catalog, e);
    }
  }

  private PreparedModule fromCache(ModuleSpec spec) throws ModuleException {
    try {
      Catalog all = new Catalog(List.of("the local cache"), cache.bundles(), Map.of());
      ModuleSpec anywhere =
          new ModuleSpec(
              spec.name(),
              new ImageReference(
                  Optional.empty(),
                  spec.image().symbolicName(),
                  spec.image().version(),
                  spec.image().digest()),
              spec.pull(),
              spec.environment(),
              spec.configuration());
      PreparedModule found = prepare(anywhere, all);
      return new PreparedModule(spec, found.version(), found.sha256(), found.shared());
    } catch (IOException e) {
      throw new ModuleException(
          "module " + spec.name() + ": the local cache cannot be read: " + e.getMessage(), e);
    }
  }

  private PreparedModule asBefore(ModuleSpec spec, Catalog catalog, ModuleException refusal)
      throws ModuleException {
    PreparedModule before = records.find(spec).orElseThrow(() -> refusal);
    LOG.warn(
        "module {}: {} cannot be read; version {}, which was prepared before from the same image,"
            + " is taken from the cache",
        spec.name(),
        catalog.unreadable().keySet(),
        before.version());
    return before;
  }

  private PreparedModule prepare(ModuleSpec spec, Catalog catalog) throws ModuleException {
    Resolved resolved = resolution.resolve(spec.name(), spec.image(), catalog);
    Set<String> claimed = new HashSet<>();
    try {
      String sha256 = fetch(spec, resolved.module(), spec.image().digest(), claimed);
      List<SharedBundle> shared = new ArrayList<>();
      for (IndexedResource resource : resolved.download()) {
        String digest = fetch(spec, resource, Optional.empty(), claimed);
        shared.add(
            new SharedBundle(resource.symbolicName(), resource.version().toString(), digest));
      }
      for (BundleRevision present : resolved.shared()) {
        shared.add(present(present, claimed));
      }
      PreparedModule prepared =
          new PreparedModule(spec, resolved.module().version().toString(), sha256, shared);
      records.prepared(prepared);
      return prepared;
    } catch (IOException e) {
      throw new ModuleException(
          "module " + spec.name() + ": the local cache cannot be written: " + e.getMessage(), e);
    } finally {
      cache.release(claimed);
    }
  }

  private SharedBundle present(BundleRevision revision, Set<String> claimed) {
    String sha256 = Locations.sharedDigest(revision.getBundle()).orElseThrow();
    claim(sha256, claimed);
    return new SharedBundle(revision.getSymbolicName(), revision.getVersion().toString(), sha256);
  }

  private void claim(String sha256, Set<String> claimed) {
    claimed.add(sha256);
    cache.claim(sha256);
  }

  private String fetch(
      ModuleSpec spec, IndexedResource resource, Optional<String> pin, Set<String> claimed)
      throws ModuleException {
    Content content =
        resource
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
    Optional<String> expected = pin.or(content::sha256);
    expected.ifPresent(sha256 -> claim(sha256, claimed));
    if (expected.filter(cache::isIntact).isPresent()) {
      return expected.get();
    }
    String what = "module " + spec.name() + ": " + resource + " from " + content.uri();
    try (InputStream in = content.uri().toURL().openStream()) {
      String found = cache.add(in);
      claimed.add(found);
      check(what, expected, found);
      LOG.info("module {}: {} fetched from {}", spec.name(), resource, resource.repository());
      return found;
    } catch (IOException | IllegalArgumentException e) {
      throw new ModuleException(what + " cannot be fetched: " + e.getMessage(), e);
    }
  }

  private void check(String what, Optional<String> expected, String found) throws ModuleException {
    if (expected.isPresent() && !expected.get().equals(found)) {
      throw new ModuleException(
          what
              + " has a wrong digest: expected sha256:"
              + expected.get()
              + ", found sha256:"
              + found
              + "; nothing was installed");
    }
  }
}
