package io.gantry.module.host.index;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.apache.felix.utils.resource.RequirementImpl;
import org.apache.felix.utils.resource.ResourceBuilder;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleException;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/**
 * Reads a folder of jars as a repository, from their manifests: for those who have no index, for
 * who makes one, and for our own cache, whose files are named by their digest.
 */
public final class JarFolder {

  /** Tells the digest of a jar, or that it is not known. */
  @FunctionalInterface
  public interface Digests {

    /** For those who fetch the jar and see. */
    Digests UNKNOWN = jar -> Optional.empty();

    /** Reads the jar. */
    Digests CALCULATED =
        jar -> {
          try (var in = Files.newInputStream(jar)) {
            return Optional.of(Digest.of(in));
          }
        };

    /** Of this jar. */
    Optional<String> of(Path jar) throws IOException;
  }

  private JarFolder() {}

  /**
   * All bundles directly in the folder, in the order of their file names.
   *
   * @param repository whose they are
   * @param leftOut is told which jars are none, and why
   */
  public static List<IndexedResource> read(
      String repository, Path folder, Digests digests, BiConsumer<Path, String> leftOut)
      throws IOException {
    List<IndexedResource> resources = new ArrayList<>();
    for (Path jar : jars(folder)) {
      try {
        resources.add(bundle(repository, jar, digests.of(jar)));
      } catch (IOException e) {
        leftOut.accept(jar, String.valueOf(e.getMessage()));
      }
    }
    return resources;
  }

  /** The jars directly in the folder, in the order of their names. */
  public static List<Path> jars(Path folder) throws IOException {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "*.jar")) {
      stream.forEach(jars::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    jars.sort(null);
    return jars;
  }

  /**
   * The bundle that a jar is.
   *
   * @throws IOException when it is none; the text says why
   */
  public static IndexedResource bundle(String repository, Path file, Optional<String> sha256)
      throws IOException {
    JarBounds.check(file);
    try (JarFile jar = new JarFile(file.toFile())) {
      Map<String, String> headers = headers(jar.getManifest());
      if (!headers.containsKey("Bundle-SymbolicName")) {
        throw new IOException("its manifest has no Bundle-SymbolicName, so it is no bundle");
      }
      IndexedResource resource = copy(repository, ResourceBuilder.build(null, headers));
      resource.addContent(new IndexedResource.Content(file.toUri(), sha256, Files.size(file)));
      return resource;
    } catch (BundleException | RuntimeException | StackOverflowError e) {
      throw new ContentException("its manifest cannot be understood: " + e.getMessage(), e);
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
