package io.gantry.itest.distribution;

import aQute.bnd.osgi.repository.SimpleIndexer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.function.UnaryOperator;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;

/** The folder {@code repository} of a distribution, which a test adds modules to. */
public final class ModuleRepository {

  private final Path folder;

  /** Of a copy of the distribution. */
  public ModuleRepository(Folder distribution) {
    folder = distribution.repository();
  }

  /** The jar of a bundle that is there once. */
  public Path jar(String symbolicName) {
    return Folder.jars(folder).stream()
        .filter(jar -> header(jar, Constants.BUNDLE_SYMBOLICNAME).equals(symbolicName))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + symbolicName + " in " + folder));
  }

  /** The version of a bundle's jar. */
  public static String version(Path jar) {
    return header(jar, Constants.BUNDLE_VERSION);
  }

  private static String header(Path jar, String name) {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.getManifest().getMainAttributes().getValue(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Adds another version of a bundle.
   *
   * @param entry the file within it that is another one in this version
   */
  public void addVersion(Path jar, String version, String entry, UnaryOperator<String> change) {
    Path copy =
        folder.resolve(jar.getFileName().toString().replace(".jar", "-" + version + ".jar"));
    try (JarFile from = new JarFile(jar.toFile())) {
      Manifest manifest = from.getManifest();
      manifest.getMainAttributes().put(new Attributes.Name(Constants.BUNDLE_VERSION), version);
      try (OutputStream out = Files.newOutputStream(copy);
          JarOutputStream to = new JarOutputStream(out, manifest)) {
        for (JarEntry old : Collections.list(from.entries())) {
          if (!old.getName().equals(JarFile.MANIFEST_NAME) && !old.isDirectory()) {
            to.putNextEntry(new JarEntry(old.getName()));
            to.write(content(from, old, old.getName().equals(entry) ? change : null));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    index();
  }

  private static byte[] content(JarFile jar, JarEntry entry, UnaryOperator<String> change)
      throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      byte[] bytes = in.readAllBytes();
      if (change == null) {
        return bytes;
      }
      String text = new String(bytes, StandardCharsets.UTF_8);
      String changed = change.apply(text);
      if (changed.equals(text)) {
        throw new IllegalArgumentException(entry + " was not changed:\n" + text);
      }
      return changed.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** Makes the index anew, with bnd's indexer as the build does. */
  public void index() {
    try {
      new SimpleIndexer()
          .files(Folder.jars(folder).stream().map(Path::toFile).toList())
          .base(folder.toUri())
          .name("Gantry samples")
          .index(folder.resolve("index.xml").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it is. */
  public Path folder() {
    return folder;
  }
}
