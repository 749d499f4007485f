package io.gantry.module.host.repository;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.apache.felix.utils.resource.RequirementImpl;
import org.apache.felix.utils.resource.ResourceBuilder;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleException;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a folder of jars as a repository, from their manifests: for those who have no index, and
 * for our own cache, whose files are named by their digest.
 */
final class JarFolder {

  private static final Logger LOG = LoggerFactory.getLogger(JarFolder.class);

  private JarFolder() {}

  /** All bundles directly in the folder; a jar that is no bundle is left out. */
  static List<IndexedResource> read(String repository, Path folder) throws IOException {
    return read(repository, folder, jar -> Optional.empty());
  }

  /** As above, for files whose digest is known. */
  static List<IndexedResource> read(
      String repository, Path folder, Function<Path, Optional<String>> digest) throws IOException {
    List<IndexedResource> resources = new ArrayList<>();
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
      for (Path jar : jars) {
        bundle(repository, jar, digest.apply(jar)).ifPresent(resources::add);
      }
    }
    return resources;
  }

  private static Optional<IndexedResource> bundle(
      String repository, Path file, Optional<String> sha256) {
    try (JarFile jar = new JarFile(file.toFile())) {
      Map<String, String> headers = headers(jar.getManifest());
      if (!headers.containsKey("Bundle-SymbolicName")) {
        return Optional.empty();
      }
      IndexedResource resource = copy(repository, ResourceBuilder.build(null, headers));
      resource.addContent(new IndexedResource.Content(file.toUri(), sha256, Files.size(file)));
      return Optional.of(resource);
    } catch (IOException | BundleException | IllegalArgumentException e) {
      LOG.warn("repository {}: {} is left out: {}", repository, file.getFileName(), e.toString());
      return Optional.empty();
    }
  }

  private static Map<String, String> headers(@Nullable Manifest manifest) {
    Map<String, String> headers = new HashMap<>();
    if (manifest != null) {
      manifest
          .getMainAttributes()
          .forEach((name, value) -> headers.put(name.toString(), value.toString()));
    }
    return headers;
  }

  private static IndexedResource copy(String repository, Resource source) {
    IndexedResource resource = new IndexedResource(repository);
    for (Capability c : source.getCapabilities(null)) {
      resource.addCapability(c.getNamespace(), c.getAttributes(), c.getDirectives());
    }
    for (Requirement r : source.getRequirements(null)) {
      Map<String, String> directives = new HashMap<>(r.getDirectives());
      directives.putIfAbsent("filter", RequirementImpl.getFilter(r).toString());
      resource.addRequirement(r.getNamespace(), r.getAttributes(), directives);
    }
    return resource;
  }
}
