package io.gantry.module.host.resolution;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;
import org.osgi.framework.namespace.BundleNamespace;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;

/** Says requirements and capabilities in words instead of filters. */
final class Requirements {

  private static final Pattern LOW = Pattern.compile("(?<!\\(!)\\([\\w-]*version>=([^)]+)\\)");
  private static final Pattern LOW_OPEN = Pattern.compile("\\(!\\([\\w-]*version<=([^)]+)\\)\\)");
  private static final Pattern HIGH = Pattern.compile("(?<!\\(!)\\([\\w-]*version<=([^)]+)\\)");
  private static final Pattern HIGH_OPEN = Pattern.compile("\\(!\\([\\w-]*version>=([^)]+)\\)\\)");
  private static final Pattern EXACT = Pattern.compile("\\([\\w-]*version=([^)]+)\\)");

  private Requirements() {}

  static String filter(Requirement requirement) {
    return requirement.getDirectives().getOrDefault(Constants.FILTER_DIRECTIVE, "");
  }

  /** The name asked for: of the package, the bundle, or whatever the namespace is about. */
  static Optional<String> name(Requirement requirement) {
    Pattern pattern =
        Pattern.compile("\\(" + Pattern.quote(requirement.getNamespace()) + "=([^)*]+)\\)");
    Matcher matcher = pattern.matcher(filter(requirement));
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  static Optional<String> name(Capability capability) {
    return Optional.ofNullable(capability.getAttributes().get(capability.getNamespace()))
        .map(Object::toString);
  }

  static Version version(Capability capability) {
    String attribute =
        switch (capability.getNamespace()) {
          case BundleNamespace.BUNDLE_NAMESPACE, HostNamespace.HOST_NAMESPACE ->
              Constants.BUNDLE_VERSION_ATTRIBUTE;
          default -> Constants.VERSION_ATTRIBUTE;
        };
    return capability.getAttributes().get(attribute) instanceof Version version
        ? version
        : Version.emptyVersion;
  }

  /** The range asked for; empty when any version will do. */
  static Optional<VersionRange> range(Requirement requirement) {
    String filter = filter(requirement);
    Optional<String> exact = find(EXACT, filter);
    if (exact.isPresent()) {
      return exact.map(v -> new VersionRange("[" + v + "," + v + "]"));
    }
    Optional<String> low = find(LOW, filter);
    Optional<String> lowOpen = find(LOW_OPEN, filter);
    Optional<String> high = find(HIGH, filter);
    Optional<String> highOpen = find(HIGH_OPEN, filter);
    if (low.or(() -> lowOpen).or(() -> high).or(() -> highOpen).isEmpty()) {
      return Optional.empty();
    }
    Optional<String> right = highOpen.or(() -> high);
    return Optional.of(
        new VersionRange(
            lowOpen.isPresent() ? VersionRange.LEFT_OPEN : VersionRange.LEFT_CLOSED,
            Version.parseVersion(lowOpen.or(() -> low).orElse("0")),
            right.map(Version::parseVersion).orElse(null),
            highOpen.isEmpty() && high.isPresent()
                ? VersionRange.RIGHT_CLOSED
                : VersionRange.RIGHT_OPEN));
  }

  private static Optional<String> find(Pattern pattern, String filter) {
    Matcher matcher = pattern.matcher(filter);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** For example {@code package com.acme.io [1.0.0,2.0.0)}. */
  static String words(Requirement requirement) {
    Optional<String> name = name(requirement);
    if (name.isEmpty()) {
      return requirement.getNamespace() + " " + filter(requirement);
    }
    return kind(requirement.getNamespace(), name.get())
        + range(requirement).map(range -> " " + words(range)).orElse("");
  }

  private static String words(VersionRange range) {
    if (range.isExact()) {
      return range.getLeft().toString();
    }
    boolean open = range.getRight() == null && range.getLeftType() == VersionRange.LEFT_CLOSED;
    return open ? range.getLeft() + " or later" : range.toString();
  }

  /** For example {@code package com.acme.io}. */
  static String kind(String namespace, String name) {
    return switch (namespace) {
      case PackageNamespace.PACKAGE_NAMESPACE -> "package " + name;
      case BundleNamespace.BUNDLE_NAMESPACE, IdentityNamespace.IDENTITY_NAMESPACE ->
          "bundle " + name;
      case HostNamespace.HOST_NAMESPACE -> "host bundle " + name;
      case ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE -> "Java platform " + name;
      default -> namespace + " " + name;
    };
  }
}
