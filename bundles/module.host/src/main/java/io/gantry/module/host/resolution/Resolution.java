package io.gantry.module.host.resolution;

import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.index.IndexedResource;
import io.gantry.module.host.repository.Catalog;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.VersionRange;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Resource;
import org.osgi.resource.Wire;
import org.osgi.service.resolver.ResolutionException;
import org.osgi.service.resolver.Resolver;

/** Chooses the bundle of a module and finds what it needs. Changes nothing. Any thread. */
public final class Resolution {

  /** What belongs together is found in milliseconds; a search that takes so long has no end. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final BundleContext framework;
  private final Resolver resolver;
  private final Scheduler scheduler;

  /**
   * The outcome.
   *
   * @param module the bundle itself
   * @param download further bundles it needs and the framework lacks
   * @param shared bundles it needs and that other modules brought along
   */
  public record Resolved(
      IndexedResource module, List<IndexedResource> download, List<BundleRevision> shared) {

    /** The names of those among them beside which there can be no second version. */
    Set<String> singletons() {
      Set<String> names = new TreeSet<>();
      Stream.concat(Stream.of(module), download.stream())
          .filter(IndexedResource::isSingleton)
          .forEach(resource -> names.add(resource.symbolicName()));
      shared.stream()
          .filter(FrameworkView::isSingleton)
          .forEach(revision -> names.add(revision.getSymbolicName()));
      return names;
    }
  }

  public Resolution(BundleContext framework, Resolver resolver, Scheduler scheduler) {
    this.framework = framework;
    this.resolver = resolver;
    this.scheduler = scheduler;
  }

  /** Resolves what the image names in its highest allowed version. */
  public Resolved resolve(
      String moduleName, ImageReference image, Catalog catalog, Cancellation cancellation)
      throws ModuleException {
    IndexedResource module = choose(moduleName, image, catalog);
    FrameworkView view = FrameworkView.of(framework);
    ModuleContext context = new ModuleContext(module, catalog.resources(), view, cancellation);
    AtomicBoolean late = new AtomicBoolean();
    Cancellable limit =
        scheduler.schedule(
            LIMIT,
            () -> {
              late.set(true);
              context.end();
            });
    try {
      Map<Resource, List<Wire>> wires = resolver.resolve(context);
      List<IndexedResource> download =
          wires.keySet().stream()
              .filter(resource -> resource != module)
              .filter(IndexedResource.class::isInstance)
              .map(IndexedResource.class::cast)
              .sorted(Comparator.comparing(IndexedResource::symbolicName))
              .toList();
      Stream<Resource> used = wires.values().stream().flatMap(List::stream).map(Wire::getProvider);
      return new Resolved(module, download, view.shared(used));
    } catch (ResolutionException e) {
      if (cancellation.isCancelled()) {
        throw new ModuleException("module " + moduleName + ": its preparation was called off", e);
      }
      if (late.get()) {
        throw new ModuleException(
            "module "
                + moduleName
                + " cannot be resolved: within "
                + LIMIT.toSeconds()
                + " s no set of bundles was found that fits together; an index offers too many that"
                + " do not",
            e);
      }
      String text = new Explanation(moduleName, context, catalog.addresses()).of(e);
      throw new ModuleException(text + catalog.unread(), e, catalog.isTemporary());
    } catch (IllegalArgumentException e) {
      throw new ModuleException(
          "module " + moduleName + " cannot be resolved: " + e.getMessage(), e);
    } finally {
      limit.cancel();
      cancellation.end();
    }
  }

  static IndexedResource choose(String moduleName, ImageReference image, Catalog catalog)
      throws ModuleException {
    List<IndexedResource> named =
        catalog.resources().stream()
            .filter(r -> r.isBundle() && r.symbolicName().equals(image.symbolicName()))
            .filter(r -> isFrom(r, image))
            .toList();
    Optional<VersionRange> range = image.version().map(Resolution::range);
    List<IndexedResource> fitting =
        named.stream()
            .filter(r -> range.map(v -> v.includes(r.version())).orElse(true))
            .sorted(Comparator.comparing(IndexedResource::version).reversed())
            .toList();
    if (fitting.isEmpty()) {
      throw new ModuleException(
          notFound(moduleName, image, named, catalog), null, catalog.isTemporary());
    }
    return pinned(moduleName, image, fitting);
  }

  /** Where an image names a repository, only that one will do; a slash at its end means nothing. */
  private static boolean isFrom(IndexedResource resource, ImageReference image) {
    return image
        .repository()
        .map(address -> address.replaceAll("(?<=.)/+$", "").equals(resource.repository()))
        .orElse(true);
  }

  /** The best of those that may have the pinned digest; the download itself decides. */
  private static IndexedResource pinned(
      String moduleName, ImageReference image, List<IndexedResource> fitting)
      throws ModuleException {
    if (image.digest().isEmpty()) {
      return fitting.get(0);
    }
    String pin = image.digest().get();
    List<String> found = new ArrayList<>();
    for (IndexedResource resource : fitting) {
      Optional<String> sha256 = resource.content().flatMap(IndexedResource.Content::sha256);
      if (sha256.isEmpty() || sha256.get().equals(pin)) {
        return resource;
      }
      found.add(resource + " sha256:" + sha256.get() + " in " + resource.repository());
    }
    throw new ModuleException(
        "module "
            + moduleName
            + ": image "
            + image
            + " expects the digest sha256:"
            + pin
            + ", found "
            + String.join(", ", found)
            + "; nothing was installed");
  }

  private static String notFound(
      String moduleName, ImageReference image, List<IndexedResource> named, Catalog catalog) {
    String places =
        image
            .repository()
            .orElseGet(
                () ->
                    catalog.sources().isEmpty()
                        ? "any repository: none is configured"
                        : String.join(", ", catalog.addresses()));
    return "module "
        + moduleName
        + ": bundle "
        + image.symbolicName()
        + image.version().map(v -> " in version " + v).orElse("")
        + " is not in "
        + places
        + instead(image, named, catalog)
        + catalog.unread();
  }

  /** What there is of it: in the place that was asked for, or else in another one. */
  private static String instead(
      ImageReference image, List<IndexedResource> named, Catalog catalog) {
    if (!named.isEmpty()) {
      return "; there is " + nearest(image, named, r -> r.version().toString());
    }
    List<IndexedResource> elsewhere =
        catalog.resources().stream()
            .filter(r -> r.isBundle() && r.symbolicName().equals(image.symbolicName()))
            .toList();
    return elsewhere.isEmpty()
        ? ""
        : "; there is "
            + nearest(image, elsewhere, r -> r.version() + " in " + r.repository())
            + ", but the image asks for this repository";
  }

  private static String nearest(
      ImageReference image,
      List<IndexedResource> resources,
      Function<IndexedResource, String> words) {
    return Nearest.first(
            resources, IndexedResource::version, image.version().map(Resolution::range))
        .map(words)
        .distinct()
        .limit(Nearest.SHOWN)
        .collect(Collectors.joining(", "));
  }

  private static VersionRange range(String text) {
    boolean range = text.startsWith("[") || text.startsWith("(");
    return new VersionRange(range ? text : "[" + text + "," + text + "]");
  }
}
