package io.gantry.module.host.index;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/**
 * A bundle that a repository offers. Built by one thread, immutable to everybody else. Two of them
 * are equal only when they are the same: the resolver keeps them in maps, and equal bundles in two
 * repositories are still two places to fetch from.
 */
public final class IndexedResource implements Resource {

  /** The namespace of what tells where the bytes are. */
  static final String CONTENT = "osgi.content";

  /**
   * Where the bytes are and what they must be.
   *
   * @param sha256 in lower-case hex: it becomes the name of a file
   * @param size negative when not known
   */
  public record Content(URI uri, Optional<String> sha256, long size) {

    public Content {
      if (sha256.filter(digest -> !Digest.isDigest(digest)).isPresent()) {
        throw new IllegalArgumentException(
            "expected a SHA-256 of 64 hex digits, found '" + sha256.get() + "'");
      }
    }
  }

  private final String repository;
  private final List<Capability> capabilities = new ArrayList<>();
  private final List<Requirement> requirements = new ArrayList<>();

  IndexedResource(String repository) {
    this.repository = requireNonNull(repository);
  }

  /** The address of the repository, for sentences. */
  public String repository() {
    return repository;
  }

  /** The symbolic name. */
  public String symbolicName() {
    return String.valueOf(identity().get(IdentityNamespace.IDENTITY_NAMESPACE));
  }

  /** The bundle version. */
  public Version version() {
    return identity().get(IdentityNamespace.CAPABILITY_VERSION_ATTRIBUTE) instanceof Version version
        ? version
        : Version.emptyVersion;
  }

  /** Whether it is a bundle that can be started, and neither a fragment nor something else. */
  public boolean isBundle() {
    return IdentityNamespace.TYPE_BUNDLE.equals(
        identity().get(IdentityNamespace.CAPABILITY_TYPE_ATTRIBUTE));
  }

  /** Whether it is a bundle or a part of one, and not something else that an index may list. */
  public boolean isInstallable() {
    Object type = identity().get(IdentityNamespace.CAPABILITY_TYPE_ATTRIBUTE);
    return isBundle() || IdentityNamespace.TYPE_FRAGMENT.equals(type);
  }

  /** Whether only one version of it can be resolved at a time. */
  public boolean isSingleton() {
    return capabilities.stream().anyMatch(c -> "true".equals(c.getDirectives().get("singleton")));
  }

  /** Where to fetch it; empty when the index does not say. */
  public Optional<Content> content() {
    return getCapabilities(CONTENT).stream()
        .map(Capability::getAttributes)
        .filter(attributes -> attributes.get("url") instanceof URI)
        .map(
            attributes ->
                new Content(
                    (URI) attributes.get("url"),
                    Optional.ofNullable((String) attributes.get(CONTENT)),
                    attributes.get("size") instanceof Long size ? size : -1))
        .findFirst();
  }

  private Map<String, Object> identity() {
    return getCapabilities(IdentityNamespace.IDENTITY_NAMESPACE).stream()
        .findFirst()
        .map(Capability::getAttributes)
        .orElse(Map.of());
  }

  void addCapability(
      String namespace, Map<String, Object> attributes, Map<String, String> directives) {
    capabilities.add(new Offer(this, namespace, attributes, directives));
  }

  void addRequirement(
      String namespace, Map<String, Object> attributes, Map<String, String> directives) {
    requirements.add(new Need(this, namespace, attributes, directives));
  }

  void addContent(Content content) {
    Map<String, Object> attributes = new HashMap<>();
    content.sha256().ifPresent(sha256 -> attributes.put(CONTENT, sha256));
    attributes.put("url", content.uri());
    attributes.put("size", content.size());
    addCapability(CONTENT, attributes, Map.of());
  }

  @Override
  public List<Capability> getCapabilities(@Nullable String namespace) {
    return capabilities.stream()
        .filter(c -> namespace == null || c.getNamespace().equals(namespace))
        .toList();
  }

  @Override
  public List<Requirement> getRequirements(@Nullable String namespace) {
    return requirements.stream()
        .filter(r -> namespace == null || r.getNamespace().equals(namespace))
        .toList();
  }

  @Override
  public String toString() {
    return symbolicName() + " " + version();
  }

  /** What is said in one place of a manifest. Equality is identity, as for the resource. */
  private abstract static class Clause {
    private final IndexedResource resource;
    private final String namespace;
    private final Map<String, Object> attributes;
    private final Map<String, String> directives;

    Clause(
        IndexedResource resource,
        String namespace,
        Map<String, Object> attributes,
        Map<String, String> directives) {
      this.resource = resource;
      this.namespace = namespace;
      this.attributes = Map.copyOf(attributes);
      this.directives = Map.copyOf(directives);
    }

    public String getNamespace() {
      return namespace;
    }

    public Map<String, Object> getAttributes() {
      return attributes;
    }

    public Map<String, String> getDirectives() {
      return directives;
    }

    public Resource getResource() {
      return resource;
    }
  }

  private static final class Offer extends Clause implements Capability {

    Offer(
        IndexedResource resource,
        String namespace,
        Map<String, Object> attributes,
        Map<String, String> directives) {
      super(resource, namespace, attributes, directives);
    }

    @Override
    public String toString() {
      return getNamespace() + getAttributes();
    }
  }

  private static final class Need extends Clause implements Requirement {

    Need(
        IndexedResource resource,
        String namespace,
        Map<String, Object> attributes,
        Map<String, String> directives) {
      super(resource, namespace, attributes, directives);
    }

    @Override
    public String toString() {
      return getNamespace() + getDirectives();
    }
  }
}
